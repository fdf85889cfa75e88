from __future__ import annotations

from rules import RULES
from rules.facts import LineFacts
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts, line


def judge(*lines: LineFacts) -> Verdict:
    return RULES["refund_wait"].judge(facts(lines=lines), NOW)


def test_an_order_whose_goods_are_given_up_waits_for_the_buyer_to_ask() -> None:
    verdict = judge(line(parting="refund", spec="红色"), line(sku="B"))

    assert (verdict.outcome, verdict.reason) == (Outcome.HIT, "马克杯 红色×2 缺货，定了退款，等买家在平台申请")


def test_it_is_over_once_the_platform_shows_a_refund() -> None:
    for refund in ("asked", "refunded"):
        assert judge(line(parting="refund", refund=refund)).reason == "平台已有退款"
    assert judge(line(parting="refund", refund="refused")).outcome is Outcome.HIT


def test_nothing_is_given_up_in_an_order_that_goes_on() -> None:
    assert judge(line(), line(parting="later"), line(parting="refund", shipped=True)).outcome is Outcome.MISS
