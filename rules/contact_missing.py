"""CONTACT_MISSING: nobody to hand the parcel to, or no number to call. What a platform hides is there, be it that it
cannot be read here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class ContactMissing(Rule):
    slug = "contact_missing"
    title = "收件人或电话缺失"
    role = Role.SERVICE
    severity = "P2"
    blocks = True
    force = "R"
    claim_minutes = 30
    solve_minutes = 120
    solved = "已补齐"
    customer = "收件已确认"

    def force_of(self, evidence: Mapping[str, Any]) -> str:
        return "N" if "姓名" in str(evidence.get("mark", "")) else "R"  # a parcel for nobody never leaves

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        lacking = [what for what, known in (("姓名", facts.name_known), ("电话", facts.phone_known)) if known is False]
        if lacking:
            return Verdict.hit(f"没有收件人{'和'.join(lacking)}，联系买家补齐", mark=",".join(lacking))
        if facts.name_known is None or facts.phone_known is None:
            return Verdict.unknown("平台没有给出收件人姓名和电话")
        return Verdict.miss("姓名电话都有")
