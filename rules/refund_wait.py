"""等退款: people decided that goods which are short are not sent but paid back. The order stands still until the buyer
has asked for it on the platform; from then on that is refund_preship's, or refund_part's."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class RefundWait(Rule):
    slug = "refund_wait"
    title = "等退款"
    role = Role.SERVICE
    severity = "P2"
    blocks = True
    force = "N"
    claim_minutes = 30
    solve_minutes = 480
    sure = True
    tells = ()  # service has it as one list with what to paste (handlers/batches/shortages.py)

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        given_up = [line for line in facts.lines if line.parting == "refund" and not line.shipped]
        if not given_up:
            return Verdict.miss("没有等退款的商品")
        waiting = [line for line in given_up if line.refund not in ("asked", "refunded")]
        if not waiting:
            return Verdict.miss("平台已有退款")
        named = "、".join(f"{line.title} {line.spec}".strip() + f"×{line.quantity}" for line in waiting)
        mark = ",".join(f"{line.sku}x{line.quantity}" for line in sorted(waiting, key=lambda line: line.sku))
        return Verdict.hit(f"{named} 缺货，定了退款，等买家在平台申请", mark=mark)
