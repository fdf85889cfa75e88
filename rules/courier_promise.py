"""COURIER_PROMISE: a courier is asked for, or refused, by name."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.said import asked_where
from rules.verdict import Verdict


class CourierPromise(Rule):
    slug = "courier_promise"
    title = "指定快递"
    role = Role.WAREHOUSE
    severity = "P2"
    blocks = False
    force = "A"
    claim_minutes = 30
    solve_minutes = 240
    solved = "已安排"
    customer = "快递已安排"
    sure = True
    tells = ()

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        if facts.promised:
            return Verdict.hit(f"平台承诺：{facts.promised}，打面单时选对快递", mark=f"platform:{facts.promised}")
        said = asked_where(facts, "courier")
        return Verdict.hit(f"{said}，打面单时选对快递", mark=said) if said else Verdict.miss("没有指定快递", quiet=True)
