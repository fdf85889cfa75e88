from __future__ import annotations

import pytest

from models.stages import MOVES, OPEN, TITLES, IllegalMove, Stage, Verb, target


def test_every_stage_has_a_title() -> None:
    assert set(TITLES) == set(Stage)


def test_people_move_an_order_one_stage_at_a_time() -> None:
    assert [target(*step) for step in ((OPEN[0], Verb.APPROVE), (OPEN[1], Verb.PICK), (OPEN[2], Verb.SHIP))] == [
        Stage.PENDING_PICK,
        Stage.PENDING_SHIP,
        Stage.DONE,
    ]


@pytest.mark.parametrize("stage", [Stage.DONE, Stage.CANCELLED])
def test_nothing_leads_out_of_an_end(stage: Stage) -> None:
    for verb in Verb:
        with pytest.raises(IllegalMove):
            target(stage, verb)


def test_the_platform_moves_every_open_order_and_none_backwards() -> None:
    for stage in OPEN:
        assert target(stage, Verb.PLATFORM_SHIPPED) is Stage.DONE
        assert target(stage, Verb.PLATFORM_CANCELLED) is Stage.CANCELLED
    assert all(MOVES[move] is not Stage.UNPAID for move in MOVES)
