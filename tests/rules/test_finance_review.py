from __future__ import annotations

from rules.facts import Checks
from rules.finance_review import FinanceReview
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts

LIMITS = Checks(finance_over_fen=500_000, discount_percent=80)


def test_a_large_sum_and_a_large_discount_are_agreed_to_first() -> None:
    large = FinanceReview().judge(facts(checks=LIMITS, paid_fen=500_001), NOW)
    given_away = FinanceReview().judge(facts(checks=LIMITS, paid_fen=1000, discount_fen=9000), NOW)

    assert (large.outcome, large.reason) == (Outcome.HIT, "实付 5000.01 元，超过 5000 元")
    assert (given_away.outcome, given_away.reason) == (Outcome.HIT, "优惠 90.00 元，占 90%")


def test_within_the_limits_and_without_limits_nothing_stops() -> None:
    assert FinanceReview().judge(facts(checks=LIMITS, paid_fen=500_000), NOW).outcome is Outcome.MISS
    assert FinanceReview().judge(facts(paid_fen=9_000_000, discount_fen=9_000_000), NOW).outcome is Outcome.MISS
