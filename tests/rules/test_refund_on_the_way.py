from __future__ import annotations

from datetime import timedelta

import pytest

from models.stages import Stage
from rules.facts import ParcelFacts
from rules.refund_on_the_way import RefundOnTheWay
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts


def parcel(*, closed: bool = False) -> ParcelFacts:
    return ParcelFacts("圆通速递", "YT1234567890123", "moving", NOW - timedelta(days=1), closed=closed)


@pytest.mark.parametrize("refund", ["asked", "refunded"])
def test_money_asked_back_while_the_parcel_travels_is_a_race(refund: str) -> None:
    verdict = RefundOnTheWay().judge(facts(stage=Stage.DONE, refund=refund, parcels=(parcel(),)), NOW)

    assert verdict.outcome is Outcome.HIT
    assert verdict.reason == "圆通速递 YT1234567890123 还在路上，买家申请退款：联系快递拦截或请买家拒收"
    assert verdict.evidence["waybills"] == ["YT1234567890123"]


def test_a_parcel_that_arrived_cannot_be_stopped() -> None:
    verdict = RefundOnTheWay().judge(facts(stage=Stage.DONE, refund="asked", parcels=(parcel(closed=True),)), NOW)

    assert (verdict.outcome, verdict.reason) == (Outcome.MISS, "包裹已经签收或退回")
