"""The table of a case's life: what leads where, and what leads nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import Case
from models.case_life import ALIVE, CHANGES, ENDS, IllegalChange, Life, Turn, life_of, taken_back, target
from tests.factories import NOW

OVER = (Life.SOLVED, Life.DISMISSED)


def test_every_place_can_be_reached_and_every_live_one_can_be_left() -> None:
    assert {*CHANGES.values(), Life.OPENED} == set(Life)
    for life in ALIVE:
        assert {target(life, turn) for turn in ENDS} == set(OVER)


def test_what_is_over_can_only_be_reopened() -> None:
    assert {(life, turn) for life, turn in CHANGES if life in OVER} == {(life, Turn.REOPEN) for life in OVER}


@pytest.mark.parametrize(
    ("life", "turn"),
    [
        (Life.CLAIMED, Turn.CLAIM),  # somebody was faster
        (Life.OPENED, Turn.RELEASE),
        (Life.OPENED, Turn.EXPIRE),
        (Life.CLAIMED, Turn.WAKE),
        (Life.SOLVED, Turn.SOLVE),
        (Life.OPENED, Turn.REOPEN),
    ],
)
def test_what_makes_no_sense_leads_nowhere(life: Life, turn: Turn) -> None:
    with pytest.raises(IllegalChange, match=str(turn)):
        target(life, turn)


def test_an_end_is_taken_back_to_where_it_came_from_and_nothing_else_is() -> None:
    for life in ALIVE:
        assert taken_back(Life.SOLVED, life) is life
        assert taken_back(Life.DISMISSED, life) is life
    with pytest.raises(IllegalChange):
        taken_back(Life.CLAIMED, Life.OPENED)
    with pytest.raises(IllegalChange):
        taken_back(Life.SOLVED, Life.DISMISSED)


def test_it_waits_only_while_its_wake_time_is_its_promise() -> None:
    until = NOW + timedelta(hours=2)
    case = Case(state="claimed", owner_id=1, claimed_until=until, wake_at=until)
    assert life_of(case) is Life.WAITING
    case.claimed_until = until + timedelta(hours=1)  # another room gave it another promise
    assert life_of(case) is Life.CLAIMED
    case.state, case.claimed_until = "open", None
    assert life_of(case) is Life.ASSIGNED
    case.owner_id = None
    assert life_of(case) is Life.OPENED
