"""PRICE_LOW: a line was sold below its floor: a wrong coupon, or a slip in the listing. Gifts cost nothing."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class PriceLow(Rule):
    slug = "price_low"
    title = "价格异常"
    role = Role.SUPERVISOR
    severity = "P1"
    blocks = True
    force = "A"
    claim_minutes = 10
    solve_minutes = 60
    solved = "同意这个价"
    tells = ("supervisor",)
    sure = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        floors = facts.checks.floors
        low = [
            (line, floors[line.sku])
            for line in facts.lines
            if line.sku in floors and line.refund != "refunded" and 0 < line.paid_fen < floors[line.sku] * line.quantity
        ]
        if not low:
            return Verdict.miss("没有低于底价")
        parts = [
            f"{line.title}（{line.sku}）实付 {line.paid_fen / 100 / line.quantity:.2f} 元/件，底价 {floor / 100:.2f} 元"
            for line, floor in low
        ]
        mark = ",".join(f"{line.sku}:{line.paid_fen}" for line, _ in low)
        return Verdict.hit("；".join(parts), mark=mark, evidence={"skus": sorted(line.sku for line, _ in low)})
