"""PULL_STOPPED: no shop is read any more, so nobody is there who reads. One matter for all shops; it ends by itself
when any of them is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import text

from handlers import opening, trail
from handlers.desk import SYSTEM, Desk
from handlers.matter import Opening
from models import Role

KIND: Final = "pull_stopped"
KEY: Final = "pulls"
_CYCLES: Final = 3  # one more than is needed: a pull may take its time
_LEAST: Final = timedelta(minutes=5)

# A shop that waits or stands stopped is tried all the same: that alone shows that somebody is there.
_ALIVE: Final = text("""
    SELECT max(greatest(c.moved_at, s.tried_at)) FROM shops s JOIN cursors c ON c.shop_id = s.id
    WHERE s.slug = ANY(:slugs)
""")
# Where the whole hub was off, its own first looks come before the first pulls: they say nothing yet.
_UP: Final = text("""
    SELECT NOT EXISTS (SELECT FROM job_runs WHERE job = 'look')
        OR EXISTS (SELECT FROM job_runs WHERE job = 'look' AND planned_at > :since AND planned_at <= :until)
""")
_LIVE: Final = text("""
    SELECT id FROM cases WHERE kind = 'pull_stopped' AND order_id IS NULL AND state IN ('open', 'claimed')
""")
_TOLD: Final = text("SELECT evidence ->> 'since' FROM cases WHERE kind = 'pull_stopped' ORDER BY id DESC LIMIT 1")


class Pulls(StrEnum):
    """NONE: there is no shop, or none was ever read."""

    FRESH = "fresh"
    STALE = "stale"
    NONE = "none"


def longest(desk: Desk) -> timedelta:
    """How long a shop may go unread before that means something."""
    return max(_CYCLES * timedelta(seconds=desk.settings.pull.every_seconds), _LEAST)


def standing(desk: Desk) -> Pulls:
    since = _since(desk)
    if since is None:
        return Pulls.NONE
    return Pulls.STALE if desk.now - since >= longest(desk) else Pulls.FRESH


def look(desk: Desk) -> bool:
    """Whether somebody reads; the matter follows."""
    since = _since(desk)
    live = list(desk.session.execute(_LIVE).scalars())
    if since is None or desk.now - since < longest(desk):
        for row in opening.close_many(desk, [(case_id, "已恢复同步") for case_id in live]):
            trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={"同步进程停止": "已恢复同步"})
        return True
    if not live and _is_up(desk) and desk.session.execute(_TOLD).scalar() != since.isoformat():
        _open(desk, since)
    return False


def _since(desk: Desk) -> datetime | None:
    """The last sign of whoever reads."""
    slugs = [shop.slug for shop in desk.settings.shops if shop.enabled]
    found: datetime | None = desk.session.execute(_ALIVE, {"slugs": slugs}).scalar()
    return found


def _is_up(desk: Desk) -> bool:
    spans = {"since": desk.now - longest(desk), "until": desk.now - longest(desk) / 2}
    return bool(desk.session.execute(_UP, spans).scalar())


def _open(desk: Desk, since: datetime) -> None:
    minutes = int((desk.now - since).total_seconds()) // 60
    reason = (
        f"同步进程没有在运行：已 {minutes} 分钟没有读到任何店铺，新订单进不来。"
        "请联系管理员启动同步进程；启动后从断点续拉，不会漏单"
    )
    made = Opening(KIND, reason, Role.SUPERVISOR, group_key=KEY, evidence={"since": since.isoformat()})
    for row in opening.open_many(desk, [made]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail={"同步进程停止": reason})
