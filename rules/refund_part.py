"""REFUND_PART: some lines are refunded, the others are to leave without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import LineFacts, OrderFacts
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
        left = [line for line in facts.lines if line.refund != "refunded" and not line.shipped]
        if not left and any(line.shipped for line in facts.lines):
            return Verdict.miss("其余的都已发出")
        back = [line for line in facts.lines if line.refund == "refunded"]
        return Verdict.hit(_words(back, left), mark=f"part:{len(back)}", evidence={"refund": "part"})


def _words(back: Sequence[LineFacts], left: Sequence[LineFacts]) -> str:
    """What is paid back, as far as it is still here and must stay here; what left before (拆单先发) is run after."""
    stays = [line for line in back if not line.shipped]
    out = [line for line in back if line.shipped]
    said = f"{_named(out)} 已退款但已先发出，请联系快递拦截或请买家退回；" if out else ""
    if out and not stays:
        return f"{said}还要发 {_named(left)}"
    return f"{said}{_named(stays) or '部分明细'} 已退款，只发 {_named(left) or '其余明细'}，赠品和快递请一并核对"


def _named(lines: Sequence[LineFacts]) -> str:
    return "、".join(f"{line.title}×{line.quantity}" for line in lines)
