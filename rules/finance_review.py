"""FIN_REVIEW: a sum or a discount that somebody should have agreed to."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class FinanceReview(Rule):
    slug = "finance_review"
    title = "进财审"
    role = Role.SUPERVISOR
    severity = "P2"
    blocks = True
    force = "A"
    claim_minutes = 60
    solve_minutes = 240
    solved = "财审通过"
    tells = ("supervisor",)
    sure = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        limits, reasons = facts.checks, []
        if limits.finance_over_fen and facts.paid_fen > limits.finance_over_fen:
            reasons.append(f"实付 {facts.paid_fen / 100:.2f} 元，超过 {limits.finance_over_fen // 100} 元")
        whole = facts.paid_fen + facts.discount_fen - facts.post_fen
        if limits.discount_percent and whole > 0 and facts.discount_fen * 100 >= limits.discount_percent * whole:
            reasons.append(f"优惠 {facts.discount_fen / 100:.2f} 元，占 {facts.discount_fen * 100 // whole}%")
        return (
            Verdict.hit("；".join(reasons), mark="|".join(reasons)) if reasons else Verdict.miss("金额和优惠都在范围内")
        )
