"""NO_PICKUP: the waybill was uploaded and no courier has scanned the parcel. Platforms fine that as false shipping."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.people import Role
from models.stages import Stage
from rules.facts import OrderFacts, ParcelFacts, ParcelLimits
from rules.rule import Rule
from rules.verdict import Verdict


class NoPickup(Rule):
    slug = "no_pickup"
    title = "揽收超时"
    role = Role.WAREHOUSE
    severity = "P1"
    blocks = False
    claim_minutes = 30
    solve_minutes = 240
    solved = "已联系网点"
    tells = ("group", "owner", "role")
    after_shipping = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        limits = facts.parcel_limits
        if facts.stage is not Stage.DONE or limits is None:
            return Verdict.miss("没有在途的包裹")
        waiting = [one for one in facts.parcels if one.first_scan_at is None and not one.closed]
        late = [one for one in waiting if one.heard and now >= one.shipped_at + limits.scan]
        if late:
            numbers = [one.waybill for one in late]
            return Verdict.hit(_reason(late, now), mark=",".join(numbers), evidence={"waybills": numbers})
        deaf = [one for one in waiting if not one.heard and now >= one.shipped_at + limits.scan]
        if deaf:
            return Verdict.unknown(f"{deaf[0].courier} {deaf[0].waybill} {deaf[0].problem or '还没有查到轨迹'}")
        return Verdict.miss("没有超时未揽收的包裹", recheck_at=_next(waiting, limits, now))


def _reason(late: list[ParcelFacts], now: datetime) -> str:
    parcels = "、".join(f"{one.courier} {one.waybill}" for one in late)
    hours = max((now - one.shipped_at) // timedelta(hours=1) for one in late)
    doubts = "；".join(dict.fromkeys(one.problem for one in late if one.problem))
    return f"{parcels} 发出 {hours} 小时还没有揽收记录" + (f"；{doubts}" if doubts else "")


def _next(waiting: list[ParcelFacts], limits: ParcelLimits, now: datetime) -> datetime | None:
    """The next moment at which people are warned, or the case is there."""
    steps = (*limits.warnings, limits.scan)
    moments = [one.shipped_at + step for one in waiting for step in steps]
    return min((moment for moment in moments if moment > now), default=None)
