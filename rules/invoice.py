"""INVOICE: the buyer asks for an invoice. It holds nothing up."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.said import asked_where
from rules.verdict import Verdict


class Invoice(Rule):
    slug = "invoice"
    title = "要发票"
    role = Role.SERVICE
    severity = "P3"
    blocks = False
    force = "R"
    claim_minutes = 240
    solve_minutes = 1440
    solved = "已安排"
    customer = "发票已安排"
    sure = True
    tells = ()

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        said = asked_where(facts, "invoice")
        return Verdict.hit(f"{said}，请开票或转财务", mark=said) if said else Verdict.miss("没有要发票", quiet=True)
