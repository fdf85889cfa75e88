"""REFUND_INFLIGHT: the buyer asks for the money back while the parcel is on its way."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import Stage
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class RefundOnTheWay(Rule):
    slug = "refund_on_the_way"
    title = "在途退款"
    role = Role.WAREHOUSE
    up = Role.SERVICE
    severity = "P1"
    blocks = False
    claim_minutes = 2
    solve_minutes = 30
    solved = "已处理"
    tells = ("group", "role")
    after_shipping = True
    sure = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage is not Stage.DONE or facts.refund not in ("asked", "refunded"):
            return Verdict.miss("没有在途退款")
        moving = [one for one in facts.parcels if not one.closed]
        if not moving:
            return Verdict.miss("包裹已经签收或退回")
        numbers = [one.waybill for one in moving]
        parcels = "、".join(f"{one.courier} {one.waybill}" for one in moving)
        return Verdict.hit(
            f"{parcels} 还在路上，买家申请退款：联系快递拦截或请买家拒收",
            mark=",".join(numbers),
            evidence={"waybills": numbers},
        )
