from __future__ import annotations

from rules.facts import Checks
from rules.price_low import PriceLow
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts, line

FLOOR = Checks(floors={"QH-CUP-RED": 1990})


def test_a_line_below_its_floor_stops_the_order() -> None:
    verdict = PriceLow().judge(facts(checks=FLOOR, lines=(line(paid_fen=1000),)), NOW)

    assert verdict.outcome is Outcome.HIT
    assert verdict.reason == "马克杯（QH-CUP-RED）实付 5.00 元/件，底价 19.90 元"


def test_at_the_floor_a_gift_and_what_was_paid_back_are_fine() -> None:
    for fine in (line(paid_fen=3980), line(paid_fen=0), line(paid_fen=1000, refund="refunded"), line(sku="X")):
        assert PriceLow().judge(facts(checks=FLOOR, lines=(fine,)), NOW).outcome is Outcome.MISS
