from __future__ import annotations

from rules.gift_alone import GiftAlone
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts, line

GIFT = line(sku="QH-GIFT", title="杯垫", quantity=1, paid_fen=0)


def test_a_gift_does_not_leave_alone() -> None:
    verdict = GiftAlone().judge(facts(lines=(line(paid_fen=3990, refund="refunded"), GIFT)), NOW)

    assert (verdict.outcome, verdict.reason) == (Outcome.HIT, "主商品已退款，只剩赠品 杯垫×1")


def test_with_something_that_was_paid_for_it_may() -> None:
    assert GiftAlone().judge(facts(lines=(line(paid_fen=3990), GIFT)), NOW).outcome is Outcome.MISS
    assert GiftAlone().judge(facts(lines=(GIFT,)), NOW).outcome is Outcome.MISS, "a reship is paid for already"
