from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.stages import Stage
from rules import RULES
from rules.facts import ParcelFacts, ParcelLimits
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts

LIMITS = ParcelLimits(timedelta(hours=24), timedelta(hours=48))


def parcel(hours: float = 1, **changes: Any) -> ParcelFacts:
    """Its last line is that old."""
    at = NOW - timedelta(hours=hours)
    values = {
        "courier": "圆通速递", "waybill": "YT1", "state": "moving", "heard": True, "first_scan_at": at,
        "last_event_at": at, "last_text": "已到达【上海】",
    }  # fmt: skip
    return ParcelFacts(shipped_at=NOW - timedelta(days=3), **{**values, **changes})


def judge(*parcels: ParcelFacts) -> Verdict:
    return RULES["parcel_stuck"].judge(facts(stage=Stage.DONE, parcels=parcels, parcel_limits=LIMITS), NOW)


def test_it_looks_again_when_the_first_of_them_has_lain_still_too_long() -> None:
    verdict = judge(parcel(1), parcel(40, waybill="YT2"))
    assert (verdict.outcome, verdict.recheck_at) == (Outcome.MISS, NOW + timedelta(hours=8))


def test_two_days_without_a_line() -> None:
    verdict = judge(parcel(48))
    assert verdict.reason == "圆通速递 YT1 自 12-20 10:00 起没有新轨迹：已到达【上海】"
    assert verdict.mark == "YT1:still@20251220T0200"


@pytest.mark.parametrize("state", ["problem", "returning", "returned", "refused"])
def test_a_state_that_is_wrong_is_a_hit_even_when_it_has_ended(state: str) -> None:
    verdict = judge(parcel(state=state, closed=state == "returned"))
    assert (verdict.outcome, verdict.mark) == (Outcome.HIT, f"YT1:{state}")


def test_words_tell_what_states_do_not() -> None:
    assert judge(parcel(last_text="快件遗失，请联系客服")).mark == "YT1:lost"
    assert "派送没有成功" in judge(parcel(last_text="派送不成功，改约明天")).reason


def test_what_arrived_or_was_never_collected_is_not_stuck() -> None:
    assert judge(parcel(99, state="signed", closed=True)).outcome is Outcome.MISS
    assert judge(parcel(99, first_scan_at=None)).outcome is Outcome.MISS
    assert judge().outcome is Outcome.MISS
