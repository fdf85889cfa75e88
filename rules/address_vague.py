"""ADDR_VAGUE: a parcel sent there would not arrive. Works on the region and on what can be read of the detail; what a
platform hides is unknown, not fine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models.people import Role
from models.stages import OPEN
from rules.address_quality import ABROAD, Judged, Region, judge_parts, judge_text
from rules.address_words import called_reasons, said_reasons
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Outcome, Verdict
from texts.plain import plain

_WITHOUT: Final = ("virtual", "pickup", "price_difference")
"""Kinds of orders that nobody carries anywhere."""
_EMPTY: Final = {"没有地址", "只有电话，没有地址", "没有详细地址"}


class AddressVague(Rule):
    slug = "address_vague"
    title = "地址模糊"
    role = Role.SERVICE
    severity = "P2"
    blocks = True
    force = "R"
    claim_minutes = 15
    solve_minutes = 120
    solved = "已确认"
    customer = "地址已确认"

    def force_of(self, evidence: Mapping[str, Any]) -> str:
        return "N" if _EMPTY & set(evidence.get("reasons", ())) else "R"  # a parcel to nowhere never leaves

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        placed = facts.province or facts.city or facts.district
        if facts.address_known is False and facts.kind not in _WITHOUT:
            judged = Judged(Outcome.HIT, ("没有详细地址" if placed else "没有地址",))
        else:
            judged = _somewhere(facts) if placed else _nowhere(facts)
        if judged.outcome is Outcome.HIT:
            reasons = list(judged.reasons)
            return Verdict.hit("、".join(reasons), mark="|".join(reasons), evidence={"reasons": reasons})
        return Verdict(judged.outcome, judged.reasons[0])


def _somewhere(facts: OrderFacts) -> Judged:
    region = Region(facts.province, facts.city, facts.district, facts.town)
    return judge_parts(region, facts.address_seen, whole=facts.address_whole)


def _nowhere(facts: OrderFacts) -> Judged:
    """Without a region only what is said instead of an address tells anything, or the region that the detail names,
    or a place abroad."""
    if facts.address_whole:
        found = judge_text(facts.address_seen)
        if found.address.region is not None or ABROAD in found.reasons:
            return found
    reasons = said_reasons(plain(facts.address_seen)) or called_reasons(plain(facts.address_seen))
    if reasons:
        return Judged(Outcome.HIT, tuple(reasons))
    return Judged(Outcome.UNKNOWN, ("平台没有给出收货地区",))
