from __future__ import annotations

import pytest

from models.stages import Stage
from rules.courier_promise import CourierPromise
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts


@pytest.mark.parametrize(
    "said", ["请发顺丰", "不要发邮政,发顺丰", "麻烦发京东快递", "走德邦", "用中通寄", "顺丰到付", "别发邮政"]
)
def test_a_courier_that_is_asked_for_or_refused_is_noted(said: str) -> None:
    verdict = CourierPromise().judge(facts(buyer_message=said), NOW)

    assert verdict.outcome is Outcome.HIT, said
    assert said in verdict.reason


@pytest.mark.parametrize("said", ["", "尽快发", "顺丰包邮真好"])
def test_nobody_names_a_courier(said: str) -> None:
    assert CourierPromise().judge(facts(buyer_message=said), NOW).outcome is Outcome.MISS, said


def test_a_memo_of_the_seller_counts_as_well_and_is_named() -> None:
    verdict = CourierPromise().judge(facts(seller_memo="指定发顺丰"), NOW)

    assert verdict.reason.startswith("卖家备注「指定发顺丰」")


def test_an_order_that_left_is_done_with() -> None:
    assert CourierPromise().judge(facts(buyer_message="指定发顺丰", stage=Stage.DONE), NOW).outcome is Outcome.MISS


def test_what_the_platform_promised_counts_as_asked_for() -> None:
    verdict = CourierPromise().judge(facts(promised="顺丰加价服务"), NOW)
    assert (verdict.reason, verdict.mark) == ("平台承诺：顺丰加价服务，打面单时选对快递", "platform:顺丰加价服务")
