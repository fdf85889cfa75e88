from __future__ import annotations

from models.stages import Stage
from rules.refund_part import RefundPart
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts, line

LINES = (line(refund="refunded"), line(sku="QH-LID", title="杯盖", quantity=1))


def test_what_was_paid_back_stays_here_and_the_rest_is_named() -> None:
    verdict = RefundPart().judge(facts(refund="part", lines=LINES), NOW)

    assert verdict.outcome is Outcome.HIT
    assert verdict.reason == "马克杯×2 已退款，只发 杯盖×1，赠品和快递请一并核对"
    assert verdict.mark == "part:1"


def test_another_line_paid_back_is_another_matter() -> None:
    more = (*LINES, line(sku="QH-BOX", title="礼盒", refund="refunded"))

    assert RefundPart().judge(facts(refund="part", lines=more), NOW).mark == "part:2"


def test_a_whole_refund_and_an_order_that_left_are_not_its_matter() -> None:
    assert RefundPart().judge(facts(refund="refunded"), NOW).outcome is Outcome.MISS
    assert RefundPart().judge(facts(refund="part", lines=LINES, stage=Stage.DONE), NOW).outcome is Outcome.MISS


def test_what_left_before_is_not_to_be_sent_again() -> None:
    plate = line(sku="PLATE", title="盘子", quantity=1, shipped=True, parting="gone")

    assert RefundPart().judge(facts(refund="part", lines=(LINES[0], plate)), NOW).outcome is Outcome.MISS
    verdict = RefundPart().judge(facts(refund="part", lines=(*LINES, plate)), NOW)
    assert verdict.reason == "马克杯×2 已退款，只发 杯盖×1，赠品和快递请一并核对"


def test_what_was_paid_back_after_it_had_left_is_run_after() -> None:
    plate = line(sku="PLATE", title="盘子", quantity=1, shipped=True, parting="gone", refund="refunded")

    verdict = RefundPart().judge(facts(refund="part", lines=(LINES[1], plate)), NOW)

    assert verdict.reason == "盘子×1 已退款但已先发出，请联系快递拦截或请买家退回；还要发 杯盖×1"
