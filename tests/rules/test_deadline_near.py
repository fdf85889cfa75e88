from __future__ import annotations

from datetime import timedelta

import pytest

from models.stages import Stage
from rules.deadline_near import DeadlineNear
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts

HOUR = timedelta(hours=1)


def test_time_alone_brings_it_up_tier_by_tier() -> None:
    by = NOW + 8 * HOUR  # 18:00 in Beijing
    far = DeadlineNear().judge(facts(ship_by_at=by), NOW)
    urgent = DeadlineNear().judge(facts(ship_by_at=by), by - 4 * HOUR)
    danger = DeadlineNear().judge(facts(ship_by_at=by), by - HOUR)
    over = DeadlineNear().judge(facts(ship_by_at=by), by)

    assert (far.outcome, far.recheck_at) == (Outcome.MISS, by - 4 * HOUR)
    assert (urgent.reason, urgent.recheck_at) == ("平台最晚发货 12-22 18:00，不到 4 小时", by - HOUR)
    assert (danger.reason, danger.recheck_at) == ("平台最晚发货 12-22 18:00，不到 1 小时", by)
    assert (over.reason, over.recheck_at) == ("平台最晚发货 12-22 18:00，已经超时", None)
    assert len({urgent.mark, danger.mark, over.mark}) == 3, "what was settled at four hours comes back at one"


def test_the_policy_follows_the_deadline_and_not_the_opening() -> None:
    by = NOW + 4 * HOUR
    late = DeadlineNear().steps(facts(ship_by_at=NOW - HOUR), NOW)

    assert DeadlineNear().steps(facts(ship_by_at=by), NOW) == [
        {"after": 0, "tell": ["group", "owner", "role"]},
        {"after": 180, "tell": ["role", "supervisor"]},
        {"after": 240, "tell": ["role", "supervisor"]},
    ]
    assert late == [{"after": 0, "tell": ["group", "owner", "role", "supervisor"]}]


@pytest.mark.parametrize(
    "changes", [{"hold": "风控审核"}, {"refund": "asked"}, {"stage": Stage.DONE}, {"ship_by_at": None}]
)
def test_only_the_platforms_own_word_stops_the_clock(changes: dict[str, object]) -> None:
    near = {"ship_by_at": NOW + HOUR, **changes}

    assert DeadlineNear().judge(facts(**near), NOW).outcome is Outcome.MISS


def test_an_agreed_later_day_does_not() -> None:
    held = facts(ship_by_at=NOW + HOUR, not_before_at=NOW + 48 * HOUR)

    assert DeadlineNear().judge(held, NOW).outcome is Outcome.HIT
