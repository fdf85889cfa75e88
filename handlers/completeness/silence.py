"""SYNC_SILENT: a shop from which nothing comes any more, though nothing says that it is broken. One case per shop, with
figures; it ends by itself when orders come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, trail
from handlers.completeness import puller
from handlers.desk import Actor, Desk
from handlers.opening import Opening
from handlers.shops import told_of
from handlers.upstream import parties_down
from models import Role
from models.shop import GOES_ON
from models.sources import is_told
from rules import silence
from rules.verdict import Outcome

KIND: Final = "sync_silent"
CLOCK: Final = Actor(name="系统", source="clock")
KEPT: Final = timedelta(days=60)

_SHOPS: Final = text("""
    SELECT s.id, s.name, s.platform, s.problem, s.checked_to, s.wait_until, s.silent_since, s.clock_offset_seconds, c.synced_to,
        c.moved_at, a.last_at
    FROM shops s
    JOIN (SELECT shop_id, max(synced_to) AS synced_to, max(moved_at) AS moved_at FROM cursors GROUP BY 1) c
        ON c.shop_id = s.id
    LEFT JOIN (SELECT shop_id, max(last_at) AS last_at FROM arrivals GROUP BY 1) a ON a.shop_id = s.id
    WHERE s.slug = ANY(:slugs) AND s.state = 'working'
""")
_HOURS: Final = text("SELECT hour, orders FROM arrivals WHERE shop_id = :shop AND hour >= :since")
_LIVE: Final = text("""
    SELECT id, shop_id, evidence FROM cases
    WHERE kind = 'sync_silent' AND order_id IS NULL AND state IN ('open', 'claimed')
""")
_TOLD: Final = text("UPDATE shops SET silent_since = :since WHERE id = :id")
_FORGET: Final = text("DELETE FROM arrivals WHERE hour < :before")


@dataclass(frozen=True, slots=True)
class Silence:
    """`since`: the newest order, or the last move of the cursor; by it a silence is known again. A dead feed
    (handlers/completeness/gap.py) is a silence too, and ends there."""

    since: datetime
    what: str  # orders, cursor
    reason: str
    evidence: Mapping[str, Any]


def look(desk: Desk) -> None:
    """Open a case for every shop that went silent, end those of shops that speak again. Where nobody reads at all, that
    is the one matter."""
    if not puller.look(desk):
        return
    slugs = [shop.slug for shop in desk.settings.shops if shop.enabled]
    shops = {shop.id: shop for shop in desk.session.execute(_SHOPS, {"slugs": slugs})}
    live = {case.shop_id: case for case in desk.session.execute(_LIVE)}
    _end(desk, [(case, shops[shop_id]) for shop_id, case in live.items() if shop_id in shops])
    told, down = told_of(desk) | set(live), parties_down(desk)
    for shop in shops.values():
        known = shop.id in told or shop.platform in down
        found = None if known else _silence(desk, shop, list(shops.values()))
        if found is not None and found.since != shop.silent_since:
            _open(desk, shop, found)


def forget(desk: Desk) -> None:
    """What is older than anything that is asked for."""
    desk.session.execute(_FORGET, {"before": desk.now - KEPT})


def _silence(desk: Desk, shop: Row[Any], shops: list[Row[Any]]) -> Silence | None:
    if shop.wait_until is not None and shop.wait_until > desk.now:
        return None  # the platform told us to wait: that is said elsewhere
    return _stuck(desk, shop, shops) or _no_orders(desk, shop)


def _stuck(desk: Desk, shop: Row[Any], shops: list[Row[Any]]) -> Silence | None:
    """Its cursor stands though the others' move: where all stand, it is no matter of this shop."""
    longest = puller.longest(desk)
    others = [one.moved_at for one in shops if one.id != shop.id]
    if desk.now - shop.moved_at < longest or not others or desk.now - max(others) >= longest:
        return None
    if shop.problem and not shop.problem.endswith(GOES_ON):
        return None  # what its pull complains of is told as such (handlers/shops.py)
    minutes = int((desk.now - shop.moved_at).total_seconds()) // 60
    reason = f"{shop.name}已 {minutes} 分钟没有读到平台数据，其他店铺正常。请联系管理员检查同步进程；恢复后从断点续拉"
    return Silence(shop.moved_at, "cursor", reason, {"minutes": minutes})


def _no_orders(desk: Desk, shop: Row[Any]) -> Silence | None:
    if shop.last_at is None or not is_told(shop.platform):
        return None  # files, mails and chats come when people send them
    now = desk.now + timedelta(seconds=shop.clock_offset_seconds)
    cycle = timedelta(seconds=desk.settings.pull.every_seconds)
    if now - shop.last_at < 2 * cycle:
        return None  # by far most: its hours need not be read
    hours = desk.session.execute(_HOURS, {"shop": shop.id, "since": shop.last_at - KEPT})
    known = silence.Arrivals({row.hour: row.orders for row in hours}, shop.last_at, shop.synced_to, cycle)
    verdict = silence.judge(known, now)
    if verdict.outcome is not Outcome.HIT:
        return None
    asked = "，平台也说没有" if shop.checked_to is not None and shop.checked_to > shop.last_at else ""
    reason = f"{shop.name}{verdict.reason}{asked}。请到商家后台看有没有新单、授权和活动是否正常"
    return Silence(shop.last_at, "orders", reason, verdict.evidence)


def _open(desk: Desk, shop: Row[Any], found: Silence) -> None:
    evidence = {**found.evidence, "since": found.since.isoformat(), "what": found.what}
    made = Opening(
        KIND, found.reason, Role.SUPERVISOR, shop_id=shop.id, group_key=f"silent:{shop.id}", evidence=evidence
    )
    for case in opening.open_many(desk, [made]):
        desk.session.execute(_TOLD, {"since": found.since, "id": shop.id})
        trail.write(desk, f"case:{case.id}", CLOCK, action="异常", detail={"店铺静默": found.reason})


def _end(desk: Desk, pairs: list[tuple[Row[Any], Row[Any]]]) -> None:
    over = [(case.id, _what_ended(case.evidence)) for case, shop in pairs if _speaks(case.evidence, shop)]
    for case in opening.close_many(desk, over):
        trail.write(desk, f"case:{case.id}", CLOCK, action="异常解除", detail={"店铺静默": _what_ended(case.evidence)})


def _speaks(evidence: Mapping[str, Any], shop: Row[Any]) -> bool:
    if evidence["what"] == "feed":
        return False  # what was back-filled is no sign that its list of changes tells anything
    newest = shop.moved_at if evidence["what"] == "cursor" else shop.last_at
    return newest is not None and newest > datetime.fromisoformat(evidence["since"])


def _what_ended(evidence: Mapping[str, Any]) -> str:
    return "已恢复同步" if evidence["what"] == "cursor" else "有新单了"
