"""SYNC_SILENT: a shop from which nothing comes any more, though nothing says that it is broken. One case per shop, with
figures; it ends by itself when orders come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, trail
from handlers.completeness import puller
from handlers.desk import Actor, Desk
from handlers.matter import Opening
from handlers.shops import told_of
from handlers.upstream import parties_down
from models import Role
from models.shop import GOES_ON
from models.sources import is_told
from rules import silence
from rules.silence import Arrivals
from rules.verdict import Outcome

KIND: Final = "sync_silent"
CLOCK: Final = Actor(name="系统", source="clock")
KEPT: Final = timedelta(days=60)
_NAMED: Final = 3

_SHOPS: Final = text("""
    SELECT s.id, s.slug, s.name, s.platform, s.problem, s.wait_until, s.silent_since, s.checked_to,
        s.clock_offset_seconds, c.synced_to, c.moved_at, a.last_at
    FROM shops s
    JOIN (SELECT shop_id, max(synced_to) AS synced_to, max(moved_at) AS moved_at FROM cursors GROUP BY 1) c
        ON c.shop_id = s.id
    LEFT JOIN (SELECT shop_id, max(last_at) AS last_at FROM arrivals GROUP BY 1) a ON a.shop_id = s.id
    WHERE s.slug = ANY(:slugs) AND s.state = 'working' ORDER BY s.id
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
    live = list(desk.session.execute(_LIVE))
    _end(desk, live, shops)
    told, down = told_of(desk).union(*map(_members, live)), parties_down(desk)
    heard = [shop for shop in shops.values() if shop.id not in told and shop.platform not in down]
    known = {shop.id: arrivals for shop in heard if (arrivals := _arrivals(desk, shop)) is not None}
    pooled = {shop.id for pool in _pools(desk, heard) if _pool_is_told(desk, pool, known) for shop in pool}
    for shop in heard:
        found = None if shop.id in pooled else _silence(desk, shop, list(shops.values()), known.get(shop.id))
        if found is not None and found.since != shop.silent_since:
            _open(desk, [shop], found)


def forget(desk: Desk) -> None:
    """What is older than anything that is asked for."""
    desk.session.execute(_FORGET, {"before": desk.now - KEPT})


def _silence(desk: Desk, shop: Row[Any], shops: list[Row[Any]], known: Arrivals | None) -> Silence | None:
    if _waits(desk, shop):
        return None  # the platform told us to wait: that is said elsewhere
    return _stuck(desk, shop, shops) or _no_orders(desk, [shop], known)


def _waits(desk: Desk, shop: Row[Any]) -> bool:
    return shop.wait_until is not None and bool(shop.wait_until > desk.now)


def _pools(desk: Desk, shops: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    """Shops that are read through one application of one platform, where there are several."""
    apps = {shop.slug: shop.app_key for shop in desk.settings.shops}
    found: dict[tuple[str, str], list[Row[Any]]] = {}
    for shop in shops:
        if is_told(shop.platform) and not _waits(desk, shop):
            found.setdefault((shop.platform, apps[shop.slug]), []).append(shop)
    return [pool for pool in found.values() if len(pool) > 1]


def _pool_is_told(desk: Desk, pool: Sequence[Row[Any]], known: Mapping[int, Arrivals]) -> bool:
    """Whether all of them together are silent, which is one matter, told once."""
    if any(shop.id not in known for shop in pool):
        return False
    found = _no_orders(desk, pool, silence.together([known[shop.id] for shop in pool]))
    if found is None:
        return False
    if all(shop.silent_since != found.since for shop in pool):
        _open(desk, pool, found)
    return True


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


def _arrivals(desk: Desk, shop: Row[Any]) -> Arrivals | None:
    """What is known of a shop that may be silent; None of most: their hours need not be read."""
    if shop.last_at is None or not is_told(shop.platform):
        return None  # files, mails and chats come when people send them
    cycle = timedelta(seconds=desk.settings.pull.every_seconds)
    if _platform_now(desk, shop) - shop.last_at < 2 * cycle:
        return None
    hours = desk.session.execute(_HOURS, {"shop": shop.id, "since": shop.last_at - KEPT})
    return Arrivals({row.hour: row.orders for row in hours}, shop.last_at, shop.synced_to, cycle)


def _platform_now(desk: Desk, shop: Row[Any]) -> datetime:
    return desk.now + timedelta(seconds=shop.clock_offset_seconds)


def _no_orders(desk: Desk, shops: Sequence[Row[Any]], known: Arrivals | None) -> Silence | None:
    if known is None:
        return None
    verdict = silence.judge(known, _platform_now(desk, shops[0]))
    if verdict.outcome is not Outcome.HIT:
        return None
    checked = all(shop.checked_to is not None and shop.checked_to > known.last_at for shop in shops)
    asked = "，平台也说没有" if checked else ""
    reason = f"{_names(shops)}{verdict.reason}{asked}。请到商家后台看有没有新单、授权和活动是否正常"
    return Silence(known.last_at, "orders", reason, verdict.evidence)


def _names(shops: Sequence[Row[Any]]) -> str:
    names = "、".join(shop.name for shop in shops[:_NAMED]) + ("等" if len(shops) > _NAMED else "")
    return names if len(shops) == 1 else f"{names} {len(shops)} 家店合起来，"


def _open(desk: Desk, shops: Sequence[Row[Any]], found: Silence) -> None:
    """One case; of each shop it is noted of which silence people were told."""
    ids = [shop.id for shop in shops]
    evidence = {**found.evidence, "since": found.since.isoformat(), "what": found.what, "shops": ids}
    made = Opening(
        KIND, found.reason, Role.SUPERVISOR, shop_id=ids[0] if len(ids) == 1 else None,
        group_key="silent:" + "+".join(map(str, ids)), evidence=evidence,
    )  # fmt: skip
    for case in opening.open_many(desk, [made]):
        for shop in shops:
            since = found.since if found.what == "cursor" else shop.last_at
            desk.session.execute(_TOLD, {"since": since, "id": shop.id})
        trail.write(desk, f"case:{case.id}", CLOCK, action="异常", detail={"店铺静默": found.reason})


def _members(case: Row[Any]) -> list[int]:
    """The shops that a case is about."""
    return [case.shop_id] if case.shop_id is not None else list(case.evidence["shops"])


def _end(desk: Desk, live: Sequence[Row[Any]], shops: Mapping[int, Row[Any]]) -> None:
    over = [
        (case.id, _what_ended(case.evidence)) for case in live
        if any(_speaks(case.evidence, shops[one]) for one in _members(case) if one in shops)
    ]  # fmt: skip
    ended = dict(over)
    for case in opening.close_many(desk, over):
        trail.write(desk, f"case:{case.id}", CLOCK, action="异常解除", detail={"店铺静默": ended[case.id]})


def _speaks(evidence: Mapping[str, Any], shop: Row[Any]) -> bool:
    if evidence["what"] == "feed":
        return False  # what was back-filled is no sign that its list of changes tells anything
    newest = shop.moved_at if evidence["what"] == "cursor" else shop.last_at
    return newest is not None and newest > datetime.fromisoformat(evidence["since"])


def _what_ended(evidence: Mapping[str, Any]) -> str:
    return "已恢复同步" if evidence["what"] == "cursor" else "有新单了"
