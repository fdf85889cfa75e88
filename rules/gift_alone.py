"""GIFT_ISSUE: what was paid for is refunded, and its gift would leave alone."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class GiftAlone(Rule):
    slug = "gift_alone"
    title = "赠品异常"
    role = Role.SERVICE
    severity = "P3"
    blocks = True
    force = "R"
    claim_minutes = 120
    solve_minutes = 480
    solved = "已处理"
    sure = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        left = [line for line in facts.lines if line.refund != "refunded" and not line.shipped]
        paid_back = [line for line in facts.lines if line.refund == "refunded" and line.paid_fen]
        if not left or not paid_back or any(line.paid_fen for line in left):
            return Verdict.miss("没有落单的赠品")
        gifts = "、".join(f"{line.title}×{line.quantity}" for line in left)
        return Verdict.hit(
            f"主商品已退款，只剩赠品 {gifts}", mark=",".join(sorted(line.sku or line.title for line in left))
        )
