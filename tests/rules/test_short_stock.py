from __future__ import annotations

from rules import RULES
from rules.facts import LineFacts
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts, line


def judge(*lines: LineFacts) -> Verdict:
    return RULES["short_stock"].judge(facts(lines=lines), NOW)


def test_enough_is_enough() -> None:
    assert judge(line(quantity=2, on_hand=2)).outcome is Outcome.MISS
    assert judge(line(quantity=2, on_hand=5, waiting_ahead=3)).outcome is Outcome.MISS


def test_short_by_what_waits_before_it() -> None:
    verdict = judge(line(quantity=2, on_hand=5, waiting_ahead=4))

    assert (verdict.outcome, verdict.reason) == (Outcome.HIT, "马克杯（QH-CUP-RED）要 2，可用 1")
    assert verdict.evidence["skus"] == ["QH-CUP-RED"]


def test_two_lines_of_one_sku_count_together() -> None:
    assert judge(line(quantity=2, on_hand=3), line(quantity=2, on_hand=3)).reason == "马克杯（QH-CUP-RED）要 4，可用 3"


def test_more_waits_than_there_is_shows_none_and_not_less() -> None:
    assert judge(line(on_hand=1, waiting_ahead=9)).reason.endswith("可用 0")


def test_what_left_or_was_given_back_is_not_needed() -> None:
    assert judge(line(on_hand=0, shipped=True), line(on_hand=0, refund="refunded")).outcome is Outcome.MISS


def test_a_sku_that_nobody_counts_is_unknown() -> None:
    for verdict, named in ((judge(line(on_hand=None)), "QH-CUP-RED"), (judge(line(on_hand=None, sku="")), "马克杯")):
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, f"库存表里没有 {named}")
        assert verdict.over, "who was short of it is not locked for ever"
    assert judge() == Verdict.unknown("订单没有明细")


def test_short_of_one_is_short_whatever_the_other_is() -> None:
    assert judge(line(on_hand=None), line(sku="B", on_hand=0)).outcome is Outcome.HIT


def test_what_is_coming_is_said_as_far_as_anybody_knows() -> None:
    assert judge(line(on_hand=0, incoming=9)).reason.endswith("可用 0，在途 9")
    assert judge(line(on_hand=0, incoming_at=NOW)).reason.endswith("可用 0，预计 12-22 到")
    assert judge(line(on_hand=0, incoming=9, incoming_at=NOW)).reason.endswith("在途 9，预计 12-22 到")


def test_its_skus_matter_tells_of_it_and_its_case_goes_up_no_ladder() -> None:
    verdict = judge(line(on_hand=0))

    assert (verdict.evidence["group"], verdict.mark) == ("shortage:QH-CUP-RED", "QH-CUP-REDx2")
    assert RULES["short_stock"].steps(facts(), NOW) == [{"after": 0, "tell": []}]


def test_what_leaves_later_is_short_all_the_same_but_says_so() -> None:
    later, other = line(on_hand=0, parting="later"), line(sku="B", on_hand=0)

    assert judge(later).reason.endswith("可用 0，到货后补发")
    assert judge(later).evidence["later"] is True
    assert judge(later, other).evidence["later"] is False, "the other one holds it up"


def test_what_waits_for_its_refund_is_not_short_and_its_end_is_no_good_news() -> None:
    verdict = judge(line(on_hand=0, parting="refund"))

    assert (verdict.outcome, verdict.reason, verdict.quiet) == (Outcome.MISS, "缺的等退款", True)
