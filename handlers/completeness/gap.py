"""A shop whose list of changes shows nothing is asked in another way whether orders came; where some did, its feed is
dead, and that is told at once: no chance explains it. One SYNC_SILENT case; it ends when the list tells of orders
again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, trail
from handlers.completeness.silence import KEPT, KIND
from handlers.desk import SYSTEM, Desk
from handlers.matter import Opening
from models import Role
from models.sources import is_told
from rules.silence import Arrivals, worth_asking

_LONGEST: Final = timedelta(days=1)  # of a gap; what is older is the night's (ingest/proof.py)
_QUIET: Final = timedelta(hours=4)  # after a person settled it: the orders come in, by this question
_NAMED: Final = 5
_SHOP: Final = text("""
    SELECT s.id, s.name, s.platform, s.checked_to, c.synced_to, c.began_at, a.last_at
    FROM shops s
    JOIN (SELECT shop_id, max(synced_to) AS synced_to, min(began_at) AS began_at FROM cursors GROUP BY 1) c
        ON c.shop_id = s.id
    LEFT JOIN (SELECT shop_id, max(last_at) AS last_at FROM arrivals WHERE shop_id = :id GROUP BY 1) a
        ON a.shop_id = s.id
    WHERE s.id = :id AND s.state = 'working'
""")
_HOURS: Final = text("SELECT hour, orders FROM arrivals WHERE shop_id = :shop AND hour >= :since")
_CHECKED: Final = text("UPDATE shops SET checked_to = :to WHERE id = :id")
_NEWEST: Final = text("""
    SELECT id, state, solved_at, evidence FROM cases
    WHERE kind = 'sync_silent' AND group_key = :key AND order_id IS NULL ORDER BY id DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Gap:
    """Of orders created in it, closed, the platform is asked; up to `read_to` its list of changes was read."""

    start: datetime
    end: datetime
    read_to: datetime


def due(desk: Desk, shop_id: int, overlap: timedelta) -> Gap | None:
    """The gap about which the shop's platform should be asked now. `overlap`: so late its list may show a change."""
    shop = desk.session.execute(_SHOP, {"id": shop_id}).one_or_none()
    if shop is None or not is_told(shop.platform):
        return None
    known = [moment for moment in (shop.last_at, shop.checked_to, shop.began_at) if moment is not None]
    if not known:
        return None
    since, end = max(known), shop.synced_to - overlap
    if not worth_asking(_arrivals(desk, shop, since), since) or end <= since:
        return None
    return Gap(max(since + timedelta(seconds=1), end - _LONGEST), end, shop.synced_to)


def asked(desk: Desk, shop_id: int, gap: Gap, missed: Sequence[str]) -> None:
    """What came of it: numbers of orders that the platform has and its list of changes did not show. They are here."""
    desk.session.execute(_CHECKED, {"id": shop_id, "to": gap.end})
    if not missed:
        return
    newest = desk.session.execute(_NEWEST, {"key": _key(shop_id)}).one_or_none()
    shop = desk.session.execute(_SHOP, {"id": shop_id}).one()
    reason = _reason(shop.name, missed)
    if newest is not None and newest.state in ("open", "claimed"):
        opening.change_many(desk, [(newest.id, reason, _evidence(gap))])
    elif newest is None or not _is_settled(newest, desk.now):
        _open(desk, shop_id, reason, gap)


def heard(desk: Desk, shop_id: int) -> None:
    """The list of changes told of orders: the feed is alive."""
    newest = desk.session.execute(_NEWEST, {"key": _key(shop_id)}).one_or_none()
    if newest is None or newest.state not in ("open", "claimed") or newest.evidence.get("what") != "feed":
        return
    for row in opening.close_many(desk, [(newest.id, "同步已恢复正常")]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={"店铺静默": "同步已恢复正常"})


def _arrivals(desk: Desk, shop: Row[Any], since: datetime) -> Arrivals:
    last_at = shop.last_at or since
    hours = desk.session.execute(_HOURS, {"shop": shop.id, "since": last_at - KEPT})
    cycle = timedelta(seconds=desk.settings.pull.every_seconds)
    return Arrivals({row.hour: row.orders for row in hours}, last_at, shop.synced_to, cycle)


def _is_settled(newest: Row[Any], now: datetime) -> bool:
    """Whether a person or the feed itself ended the same lately."""
    feed = newest.evidence.get("what") == "feed"
    return feed and newest.solved_at is not None and now - newest.solved_at < _QUIET


def _reason(name: str, missed: Sequence[str]) -> str:
    more = " 等" if len(missed) > _NAMED else ""
    return (
        f"{name}的同步漏报：平台新下了 {len(missed)} 单（{'、'.join(missed[:_NAMED])}{more}），变更列表里一单都没有，"
        "已另行补拉。请联系管理员检查店铺授权和接口权限；恢复之前会继续这样补拉"
    )


def _evidence(gap: Gap) -> dict[str, Any]:
    return {"what": "feed", "since": gap.start.isoformat()}


def _open(desk: Desk, shop_id: int, reason: str, gap: Gap) -> None:
    made = Opening(KIND, reason, Role.SUPERVISOR, shop_id=shop_id, group_key=_key(shop_id), evidence=_evidence(gap))
    for row in opening.open_many(desk, [made]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail={"店铺静默": reason})


def _key(shop_id: int) -> str:
    return f"silent:{shop_id}"
