"""A generated month of orders with known exceptions: each becomes one case with the right role, ends, leaves its trail,
and its buyer hears of it; nothing else is found wrong. A few days of it here; `make month` lives through all of them
(bench/month.py)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from handlers.kinds import OTHERS
from rules import RULES
from rules.verdict import Verdict
from sandbox.month import STORIES, plan
from sandbox.month_stories import DEALT, LEFT_OUT, Story
from tests.flows.house import Ground, House
from tests.flows.month import judge, report
from tests.flows.month.judge import Judgement
from tests.flows.month.life import live
from tests.flows.month.shop import midnight, opened

ORDERS: Final = int(os.environ.get("MONTH_ORDERS", "160"))
DAYS: Final = int(os.environ.get("MONTH_DAYS", "5"))
SEED: Final = int(os.environ.get("MONTH_SEED", "303"))  # `make month` takes another each time
MOST_FALSE: Final = 0.005
"""False alarms per clean order that a company bears."""


def lived_through(
    house: House, *, orders: int = ORDERS, days: int = DAYS, stories: Sequence[Story] = DEALT
) -> tuple[Judgement, judge.Lot]:
    """The judgement on a month, with its figures printed."""
    made = plan(SEED, orders, midnight(house), days=days, stories=stories)
    print(f"\nseed {SEED}: {made.orders} orders in {days} days, {len(made.planted)} planted", flush=True)
    lived = live(house, made, lambda words: print(words, flush=True))
    with house.hub.sessions() as session:
        lot = judge.read(session, made.planted, lived.staff.scripts)
    found = judge.judge(made.planted, lot, clean=len(made.clean))
    print(report.table(found))
    staff = lived.staff
    print(
        f"{staff.presses} presses, {staff.typed} lines typed, {staff.unanswered} of them again, {lived.seconds:.0f} s"
    )
    print("\n".join(staff.refused[:10]), flush=True)
    return found, lot


def test_every_planted_exception_becomes_one_case_with_its_person(ground: Ground, chat: str) -> None:
    with opened(ground, chat) as house:
        found, _ = lived_through(house)

        assert not [f"{one.planted.story.name}: {one.wrong}" for one in found.missed]
        assert not [f"{case.kind} {case.tag}: {case.reason}" for case in found.beside]
        assert found.rate <= MOST_FALSE, [f"{case.kind} {case.tag}: {case.reason}" for case in found.false]
        assert not house.complaints()


def test_the_judgement_sees_a_rule_that_is_not_there_and_a_case_that_stands_twice(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(RULES["invoice"]), "judge", lambda *_looked_at: Verdict.miss("看不见"))
    stories = [STORIES[name] for name in ("vague", "invoice", "courier")]
    with opened(ground, "wecom") as house:
        found, lot = lived_through(house, orders=20, days=2, stories=stories)

        assert {(one.kind, *one.wrong) for one in found.missed} == {("invoice", "not found")}
        planted = [one.planted for one in found.found]
        twice = [*lot.cases, next(case for case in lot.cases if case.kind == "address_vague")]
        again = judge.judge(planted, replace(lot, cases=twice), clean=found.clean)
        assert ("address_vague", "2 cases") in {(one.kind, *one.wrong) for one in again.missed}
        unexplained = judge.judge([one for one in planted if one.story.name != "courier"], lot, clean=found.clean)
        assert {case.kind for case in unexplained.false} == {"courier_promise"}
        assert unexplained.rate > MOST_FALSE


def test_every_kind_of_the_hub_has_a_story_or_a_reason_why_not() -> None:
    told = {story.kind for story in DEALT} | {kind for story in DEALT for kind, _ in story.with_it}

    assert told | LEFT_OUT.keys() == {*RULES, *OTHERS}
    assert not told & LEFT_OUT.keys()
    assert all(story.hears or story.silent for story in DEALT), "a buyer who hears nothing hears nothing for a reason"
