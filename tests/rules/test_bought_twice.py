from __future__ import annotations

import pytest

from models.stages import Stage
from rules.bought_twice import BoughtTwice
from rules.facts import Checks, History, Twin
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts

TWIN = Twin(7, "TB-20251222-007", "马克杯", 3)


def test_an_order_that_may_repeat_another_waits_and_names_it() -> None:
    verdict = BoughtTwice().judge(facts(twin=TWIN), NOW)
    assert verdict.outcome is Outcome.HIT
    assert "与 TB-20251222-007 同一买家、同一地址，都买了马克杯，只隔 3 分钟" in verdict.reason
    assert (verdict.mark, verdict.evidence["other"]) == ("TB-20251222-007", 7)


def test_within_the_minute_it_is_said_so() -> None:
    assert "隔了不到 1 分钟" in BoughtTwice().judge(facts(twin=Twin(7, "TB-1", "碗", 0)), NOW).reason


@pytest.mark.parametrize(("lately", "limit", "hit"), [(9, 10, True), (8, 10, False), (500, 0, False)])
def test_many_of_one_source_within_the_hour(lately: int, limit: int, hit: bool) -> None:
    verdict = BoughtTwice().judge(facts(history=History(lately=lately), checks=Checks(many_orders=limit)), NOW)
    assert (verdict.outcome is Outcome.HIT) is hit


def test_what_left_is_asked_nothing() -> None:
    assert BoughtTwice().judge(facts(twin=TWIN, stage=Stage.DONE), NOW).outcome is Outcome.MISS
