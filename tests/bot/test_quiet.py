"""A night through the deliverer: nobody off shift is disturbed, and the morning brings one message."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from redis import Redis

from bot.card import Card, Text
from config import Settings
from handlers import due
from handlers.duty import quiet
from handlers.owe import card, owe
from models import Order
from models.beijing import BEIJING
from models.case import short_code
from tests.bot.scene import Desks, Scene, keep_case
from tests.factories import make_case, make_order

NIGHT = datetime(2025, 12, 22, 23, 0, tzinfo=BEIJING)
NINE = datetime(2025, 12, 23, 9, 0, tzinfo=BEIJING)


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    made = Scene(desks, settings, redis, people)
    made.now = NIGHT
    return made


def cards(scene: Scene, case_id: int) -> None:
    with scene.open_desk() as desk:
        owe(desk, [card(case_id, "open"), card(case_id, "open", staff_id=scene.people["xiaoli"])])


def look(scene: Scene) -> None:
    with scene.open_desk() as desk:
        due.look(desk)


def sent(scene: Scene) -> list[tuple[str, str]]:
    """(who, what) of all that went out."""
    parcels = [*scene.app.parcels, *scene.bot.parcels]
    return [
        (one.recipient, one.drawing.markdown if isinstance(one.drawing, Text) else one.drawing.title)
        for one in parcels
        if isinstance(one.drawing, Card | Text)
    ]


def test_a_night_is_quiet_and_the_morning_brings_one_message_each(scene: Scene) -> None:
    codes = []
    for _ in range(3):
        with scene.open_desk() as desk:
            case = make_case(desk.session, make_order(desk.session, recheck_at=None))
        codes.append(short_code(case.id))
        cards(scene, case.id)
    scene.run()
    scene.run(after=timedelta(hours=5))
    assert sent(scene) == []
    assert {row.problem for row in scene.rows()} == {quiet.WHY}, "a person can see why"

    scene.now = NINE
    look(scene)
    scene.run()

    assert sorted(who for who, _ in sent(scene)) == ["wrDEMO01", "xiaoli"]
    for _, words in sent(scene):
        assert all(f"`{code}`" in words for code in codes)
    assert sorted(scene.states()) == ["merged"] * 6 + ["sent"] * 2
    scene.run(after=timedelta(minutes=5))
    assert len(sent(scene)) == 2


def test_without_a_clock_nothing_waits_for_ever(scene: Scene) -> None:
    cards(scene, keep_case(scene).id)
    scene.run()

    scene.now = NINE + quiet.GRACE
    scene.run()

    assert scene.states() == ["sent", "sent"]


def test_an_answer_comes_at_any_hour(scene: Scene) -> None:
    scene.owe(key="answer:wecom_app:m1", subject="answer", body={"text": "查到了"})
    scene.run()
    assert sent(scene) == [("xiaoli", "查到了")]


def test_a_penalty_inside_the_night_rings_an_hour_before_and_in_the_group(scene: Scene) -> None:
    case = keep_case(scene)
    with scene.open_desk() as desk:
        order = desk.session.get_one(Order, case.order_id)
        order.ship_by_at = NIGHT + timedelta(hours=3)
        owe(desk, [card(case.id, "open"), card(case.id, "step1", staff_id=scene.people["xiaoli"])])
    scene.run()
    assert sent(scene) == []

    scene.run(after=timedelta(hours=2))

    assert "wrDEMO01" in [who for who, _ in sent(scene)]
