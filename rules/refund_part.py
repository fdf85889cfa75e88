"""REFUND_PART: some lines are refunded, the others are to leave without them."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class RefundPart(Rule):
    slug = "refund_part"
    title = "部分退款"
    role = Role.SERVICE
    severity = "P2"
    blocks = True
    force = "R"
    claim_minutes = 30
    solve_minutes = 120
    solved = "已核对"

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN or facts.refund != "part":
            return Verdict.miss("没有部分退款")
        gone = [line for line in facts.lines if line.refund == "refunded"]
        left = [line for line in facts.lines if line.refund != "refunded"]
        named = "、".join(f"{line.title}×{line.quantity}" for line in gone) or "部分明细"
        stays = "、".join(f"{line.title}×{line.quantity}" for line in left)
        return Verdict.hit(
            f"{named} 已退款，只发 {stays or '其余明细'}，赠品和快递请一并核对", mark=f"part:{len(gone)}",
            evidence={"refund": "part"},
        )  # fmt: skip
