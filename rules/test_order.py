"""DUP_SUSPECT: words say that the order is a test, a mistake or must not be sent."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.said import asked_where, must_never_leave
from rules.verdict import Verdict


class TestOrder(Rule):
    slug = "test_order"
    title = "疑似测试单"
    role = Role.SERVICE
    severity = "P3"
    blocks = True
    force = "R"
    claim_minutes = 60
    solve_minutes = 240
    solved = "照常发"
    sure = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        if not (must_never_leave(facts.buyer_message) or must_never_leave(facts.seller_memo)):
            return Verdict.miss("不像测试单")
        said = asked_where(facts, "test")
        return Verdict.hit(f"{said}，先别发，和买家核对", mark=said) if said else Verdict.miss("不像测试单")
