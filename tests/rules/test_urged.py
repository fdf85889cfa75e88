from __future__ import annotations

from datetime import timedelta

import pytest

from models.stages import Stage
from rules.urged import Urged
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts


@pytest.mark.parametrize("said", ["怎么还没发货", "尽快发,谢谢", "什么时候能发", "急用", "催一下"])
def test_somebody_who_waits_comes_first(said: str) -> None:
    verdict = Urged().judge(facts(buyer_message=said), NOW)

    assert verdict.outcome is Outcome.HIT, said
    assert said in verdict.reason


@pytest.mark.parametrize("said", ["", "不急用", "不用加急"])
def test_no_hurry_is_no_matter(said: str) -> None:
    assert Urged().judge(facts(buyer_message=said), NOW).outcome is Outcome.MISS, said


def test_a_memo_of_the_seller_counts_as_well_and_is_named() -> None:
    verdict = Urged().judge(facts(seller_memo="客户催了两次"), NOW)

    assert verdict.reason.startswith("卖家备注「客户催了两次」")


def test_an_order_that_left_is_done_with() -> None:
    assert Urged().judge(facts(buyer_message="客户催了两次", stage=Stage.DONE), NOW).outcome is Outcome.MISS


def test_the_platforms_own_urge_is_one_and_the_next_another() -> None:
    first, again = (Urged().judge(facts(urged_at=NOW - timedelta(minutes=ago)), NOW) for ago in (90, 5))
    assert first.reason == "买家 12-22 08:30 在平台催发货，请优先发"
    assert first.mark != again.mark
