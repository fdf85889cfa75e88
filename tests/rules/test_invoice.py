from __future__ import annotations

import pytest

from models.stages import Stage
from rules.invoice import Invoice
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts


@pytest.mark.parametrize("said", ["要开发票", "请开专票", "麻烦开个发票谢谢", "发票抬头稍后给你"])
def test_an_invoice_that_is_asked_for_is_noted(said: str) -> None:
    verdict = Invoice().judge(facts(buyer_message=said), NOW)

    assert verdict.outcome is Outcome.HIT, said
    assert said in verdict.reason


@pytest.mark.parametrize("said", ["", "不要发票", "不用开发票", "尽快发"])
def test_no_invoice_is_no_matter(said: str) -> None:
    assert Invoice().judge(facts(buyer_message=said), NOW).outcome is Outcome.MISS, said


def test_a_memo_of_the_seller_counts_as_well_and_is_named() -> None:
    verdict = Invoice().judge(facts(seller_memo="客户要发票"), NOW)

    assert verdict.reason.startswith("卖家备注「客户要发票」")


def test_an_order_that_left_is_done_with() -> None:
    assert Invoice().judge(facts(buyer_message="客户要发票", stage=Stage.DONE), NOW).outcome is Outcome.MISS
