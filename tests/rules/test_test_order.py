from __future__ import annotations

import pytest

from models.stages import Stage
from rules import RULES
from rules.test_order import TestOrder
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts


@pytest.mark.parametrize("said", ["测试单,勿发", "测试 请不要发货"])
def test_what_must_not_leave_is_locked(said: str) -> None:
    verdict = TestOrder().judge(facts(buyer_message=said), NOW)

    assert verdict.outcome is Outcome.HIT, said
    assert said in verdict.reason


@pytest.mark.parametrize("said", ["", "尽快发"])
def test_an_order_like_any_other_goes_on(said: str) -> None:
    assert TestOrder().judge(facts(buyer_message=said), NOW).outcome is Outcome.MISS, said


def test_a_memo_of_the_seller_counts_as_well_and_is_named() -> None:
    verdict = TestOrder().judge(facts(seller_memo="测试单"), NOW)

    assert verdict.reason.startswith("卖家备注「测试单」")


def test_an_order_that_left_is_done_with() -> None:
    assert TestOrder().judge(facts(buyer_message="测试单", stage=Stage.DONE), NOW).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "said",
    ["25号之前不要发货", "元旦前请勿发货", "这周不要发货", "没有我的通知请不要发货", "最近不要发货"],
)
def test_a_day_before_which_nothing_may_leave_is_a_wish_for_later_alone(said: str) -> None:
    found = {slug for slug in ("test_order", "delay_request") if _hits(slug, said)}

    assert found == {"delay_request"}, said


@pytest.mark.parametrize("said", ["测试 请不要发货", "测试单，勿发", "请不要发货"])
def test_an_order_that_must_not_leave_at_all_is_one_matter(said: str) -> None:
    found = {slug for slug in ("test_order", "delay_request") if _hits(slug, said)}

    assert found == {"test_order"}, said


def _hits(slug: str, said: str) -> bool:
    return RULES[slug].judge(facts(buyer_message=said), NOW).outcome is Outcome.HIT
