from __future__ import annotations

from datetime import timedelta

import pytest

from models.people import Role
from models.stages import Stage
from rules import RULES
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts

STALE = RULES["stale_stage"]


def test_it_says_when_it_will_be_late() -> None:
    entered_at = NOW - timedelta(minutes=119)

    verdict = STALE.judge(facts(stage_entered_at=entered_at), NOW)

    assert (verdict.outcome, verdict.recheck_at) == (Outcome.MISS, entered_at + timedelta(hours=2))


def test_late_is_late_to_the_minute() -> None:
    verdict = STALE.judge(facts(stage_entered_at=NOW - timedelta(hours=2)), NOW)

    assert (verdict.outcome, verdict.reason, verdict.recheck_at) == (Outcome.HIT, "在待审核超过 2 小时", None)


def test_a_limit_in_minutes_is_said_in_minutes() -> None:
    verdict = STALE.judge(
        facts(stage=Stage.PENDING_SHIP, stage_limit=timedelta(minutes=45), stage_entered_at=NOW - timedelta(hours=2)),
        NOW,
    )

    assert verdict.reason == "在待发货超过 45 分钟"


def test_what_the_platform_holds_is_not_late() -> None:
    verdict = STALE.judge(facts(stage_entered_at=NOW - timedelta(days=2), hold="风控"), NOW)

    assert (verdict.outcome, verdict.recheck_at) == (Outcome.MISS, None)


@pytest.mark.parametrize(("days", "outcome"), [(1, Outcome.MISS), (-1, Outcome.HIT)])
def test_an_agreed_day_starts_the_clock_anew(days: int, outcome: Outcome) -> None:
    not_before_at = NOW + timedelta(days=days)

    verdict = STALE.judge(facts(stage_entered_at=NOW - timedelta(days=9), not_before_at=not_before_at), NOW)

    assert verdict.outcome is outcome
    if outcome is Outcome.MISS:
        assert verdict.recheck_at == not_before_at + timedelta(hours=2)


def test_each_stage_has_its_owner_and_its_own_mark() -> None:
    old = NOW - timedelta(days=1)
    found = {
        stage: (STALE.owner(facts(stage=stage)), STALE.judge(facts(stage=stage, stage_entered_at=old), NOW).mark)
        for stage in (Stage.PENDING_REVIEW, Stage.PENDING_PICK, Stage.PENDING_SHIP)
    }

    assert [role for role, _ in found.values()] == [Role.SERVICE, Role.WAREHOUSE, Role.WAREHOUSE]
    assert len({mark for _, mark in found.values()}) == 3
