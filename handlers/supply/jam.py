"""Orders pile up in 待发货 and none leaves: whatever is broken behind it, one alarm with figures, which ends itself.

A quiet night is no jam: either the warehouse still hands orders on to 待发货 while nothing leaves, or an interface that
shipping needs is known to be down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, trail
from handlers.desk import SYSTEM, Desk
from handlers.matter import Opening
from handlers.wording import moment
from models import Role

KIND: Final = "ship_jam"
_GROWTH: Final = timedelta(hours=1)
_HANDED_ON: Final = 3  # orders that came within that hour: somebody is at work
_FLOWS: Final = 3  # so many left since the last look back: it is no jam any more

_QUEUE: Final = text("""
    SELECT count(*) AS orders, min(stage_entered_at) AS oldest, coalesce(sum(paid_fen), 0) AS fen,
        count(*) FILTER (WHERE stage_entered_at > :lately) AS came
    FROM orders WHERE stage = 'pending_ship' AND hold = '' AND (not_before_at IS NULL OR not_before_at <= :now)
""")
# Both by the index of what is done, newest first.
_LEFT: Final = text("SELECT count(*) FROM (SELECT FROM orders WHERE stage = 'done' AND stage_entered_at > :since "
                    "LIMIT :enough) gone")  # fmt: skip
_LAST: Final = text("SELECT max(stage_entered_at) FROM orders WHERE stage = 'done'")
_LIVE: Final = text("""
    SELECT id, reason, evidence FROM cases WHERE kind = 'ship_jam' AND order_id IS NULL AND state IN ('open', 'claimed')
""")

_BROKEN: Final = text("""
    SELECT reason FROM cases
    WHERE kind IN ('upstream_down', 'erp_stopped') AND order_id IS NULL AND state IN ('open', 'claimed') ORDER BY id
""")


@dataclass(frozen=True, slots=True)
class Queue:
    orders: int
    oldest: datetime | None
    fen: int
    came: int


def look(desk: Desk) -> None:
    """Raise the alarm, bring its figures up to date, or end it."""
    limits = desk.settings.parcels
    row = desk.session.execute(_QUEUE, {"now": desk.now, "lately": desk.now - _GROWTH}).one()
    queue = Queue(row.orders, row.oldest, int(row.fen), row.came)
    live = desk.session.execute(_LIVE).one_or_none()
    if live is None and queue.orders < limits.jam_from:
        return
    broken = list(desk.session.execute(_BROKEN).scalars())
    left = _left(desk, timedelta(minutes=limits.jam_minutes))
    if live is not None:
        _keep_or_end(desk, live, queue, left=left, broken=broken)
    elif left == 0 and (broken or queue.came >= _HANDED_ON):
        _open(desk, queue, broken)


def _left(desk: Desk, within: timedelta) -> int:
    return int(desk.session.execute(_LEFT, {"since": desk.now - within, "enough": _FLOWS}).scalar_one())


def _open(desk: Desk, queue: Queue, broken: Sequence[str]) -> None:
    reason = _reason(desk, queue, broken)
    made = Opening(KIND, reason, Role.SUPERVISOR, group_key=KIND, evidence={"orders": queue.orders, "fen": queue.fen})
    for row in opening.open_many(desk, [made]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail={"发货堵塞": reason})


def _keep_or_end(desk: Desk, live: Row[Any], queue: Queue, *, left: int, broken: Sequence[str]) -> None:
    if queue.orders >= desk.settings.parcels.jam_from and left < _FLOWS:
        if live.evidence.get("orders") != queue.orders:
            more = {"orders": queue.orders, "fen": queue.fen}
            opening.change_many(desk, [(live.id, _reason(desk, queue, broken), more)])
        return
    words = "已恢复发货" if left else f"待发货只剩 {queue.orders} 单"
    for row in opening.close_many(desk, [(live.id, words)]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={"发货堵塞": words})


def _reason(desk: Desk, queue: Queue, broken: Sequence[str]) -> str:
    last = desk.session.execute(_LAST).scalar_one()
    since = f"最后一单 {moment(last)} 发出" if last else "还没有一单发出"
    oldest = f"，最久的从 {moment(queue.oldest)} 等到现在" if queue.oldest else ""
    known = f"；{'；'.join(broken)}" if broken else "；请检查快递取号、打单和发货接口"
    minutes = desk.settings.parcels.jam_minutes
    return (
        f"待发货积压 {queue.orders} 单（{queue.fen / 100:.0f} 元），{minutes} 分钟没有发出一单，{since}{oldest}{known}"
    )
