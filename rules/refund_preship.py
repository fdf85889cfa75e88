"""REFUND_PRESHIP: the buyer asked for the money back and the parcel has not left."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict

_REASONS: Final = {
    "asked": "买家发货前申请退款，先别发",
    "refunded": "已全额退款，不要发货",
}


class RefundPreship(Rule):
    slug = "refund_preship"
    title = "发货前退款"
    role = Role.SERVICE
    severity = "P1"
    blocks = True
    force = "N"
    claim_minutes = 5
    solve_minutes = 120
    solved = "已处理"

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN or facts.refund in ("", "part"):  # a part is refund_part's
            return Verdict.miss("没有退款")
        if facts.refund not in _REASONS:
            return Verdict.unknown(f"不认识的退款状态 {facts.refund}")
        goods = [line.title for line in facts.lines if line.refund in ("asked", "refunded")]
        return Verdict.hit(
            _REASONS[facts.refund], mark=f"{facts.refund}:{len(goods)}", evidence={"refund": facts.refund}
        )
