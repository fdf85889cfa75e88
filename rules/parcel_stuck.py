"""PARCEL_STUCK: a parcel that was collected does not get on: no movement, failed delivery, on its way back, lost."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from models.beijing import BEIJING
from models.people import Role
from models.stages import Stage
from rules.facts import OrderFacts, ParcelFacts, ParcelLimits
from rules.rule import Rule
from rules.verdict import Verdict

_WRONG: Final = {
    "problem": "快递报疑难",
    "returning": "正在退回",
    "returned": "已退回",
    "refused": "收件人拒收",
}
_LOST: Final = re.compile(r"丢失|遗失|破损|损毁")
_NOT_DELIVERED: Final = re.compile(r"派送不成功|派送失败|投递失败|未能派送|无法派送|联系不上")


class ParcelStuck(Rule):
    slug = "parcel_stuck"
    title = "物流异常"
    role = Role.SERVICE
    severity = "P2"
    blocks = False
    claim_minutes = 120
    solve_minutes = 1440
    sure = True
    solved = "已处理"
    customer = "物流已处理"
    after_shipping = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        limits = facts.parcel_limits
        if facts.stage is not Stage.DONE or limits is None:
            return Verdict.miss("没有在途的包裹")
        moved = [one for one in facts.parcels if one.first_scan_at is not None]
        wrong = {one.waybill: why for one in moved if (why := _wrong(one, limits, now))}
        if wrong:
            of = {one.waybill: one for one in moved}
            reason = "；".join(f"{of[number].courier} {number} {words}" for number, (words, _) in wrong.items())
            mark = ",".join(f"{number}:{mark}" for number, (_, mark) in sorted(wrong.items()))
            return Verdict.hit(reason, mark=mark, evidence={"waybills": sorted(wrong)})
        moments = [one.last_event_at + limits.stuck for one in moved if one.last_event_at and not one.closed]
        return Verdict.miss("包裹在正常运输", recheck_at=min((at for at in moments if at > now), default=None))


def _wrong(parcel: ParcelFacts, limits: ParcelLimits, now: datetime) -> tuple[str, str] | None:
    """What is wrong with it in words, and the mark of exactly that."""
    said = f"：{parcel.last_text[:60]}" if parcel.last_text else ""
    if parcel.state in _WRONG:
        return f"{_WRONG[parcel.state]}{said}", parcel.state
    if parcel.closed:
        return None
    if _LOST.search(parcel.last_text):
        return f"可能丢失或破损{said}", "lost"
    if _NOT_DELIVERED.search(parcel.last_text):
        return f"派送没有成功{said}", f"undelivered@{parcel.last_event_at:%Y%m%dT%H%M}"
    still = parcel.last_event_at is not None and now >= parcel.last_event_at + limits.stuck
    if still and parcel.last_event_at is not None:
        since = parcel.last_event_at.astimezone(BEIJING)
        return f"自 {since:%m-%d %H:%M} 起没有新轨迹{said}", f"still@{parcel.last_event_at:%Y%m%dT%H%M}"
    return None
