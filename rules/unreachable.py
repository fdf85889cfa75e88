"""UNREACHABLE: couriers do not go there now, as the company's own list says."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class Unreachable(Rule):
    slug = "unreachable"
    title = "快递不可达"
    role = Role.SERVICE
    up = Role.WAREHOUSE
    severity = "P2"
    blocks = True
    force = "R"
    claim_minutes = 30
    solve_minutes = 120
    solved = "已换快递"
    customer = "快递已调整"

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        stopped = facts.checks.stopped_regions
        if not stopped:
            return Verdict.miss("没有停发地区")
        if not (facts.province or facts.city or facts.district):
            return Verdict.unknown("平台没有给出收货地区")
        place = facts.province + facts.city + facts.district
        found = next((region for region in stopped if region in place), "")
        if found:
            return Verdict.hit(f"{found}停发，请换快递或告知买家延迟", mark=found)
        return Verdict.miss("不在停发地区")
