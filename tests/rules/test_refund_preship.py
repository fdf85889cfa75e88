from __future__ import annotations

import pytest

from rules import RULES
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts, line


@pytest.mark.parametrize(
    ("refund", "reason"),
    [
        ("asked", "买家发货前申请退款，先别发"),
        ("refunded", "已全额退款，不要发货"),
    ],
)
def test_money_asked_back_before_shipping_stops_the_order(refund: str, reason: str) -> None:
    verdict = RULES["refund_preship"].judge(facts(refund=refund, lines=(line(refund="asked"), line())), NOW)

    assert (verdict.outcome, verdict.reason, verdict.mark) == (Outcome.HIT, reason, f"{refund}:1")


def test_a_state_that_nobody_described_is_unknown() -> None:
    assert RULES["refund_preship"].judge(facts(refund="vielleicht"), NOW) == Verdict.unknown(
        "不认识的退款状态 vielleicht"
    )
