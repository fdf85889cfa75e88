"""Monday morning as 陈姐 sees it: the report, then a card for each proposal, and one press."""

from __future__ import annotations

import pytest
from redis import Redis
from sqlalchemy import select

from bot.card import Card, Text
from config import Settings
from handlers import due, pressing
from handlers.desk import Actor
from handlers.tuning.tuned import tuned
from models import Advice, Role
from tests.bot.conftest import desks, people
from tests.bot.scene import Desks, Scene
from tests.factories import pressed
from tests.handlers.duty.rota import at
from tests.handlers.usefulness.alerts import told

__all__ = ["desks", "people"]


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def tick(scene: Scene, words: str) -> None:
    scene.now = at(words)
    with scene.open_desk() as desk:
        due.look(desk)
    scene.run()


def test_the_card_comes_once_and_one_press_sets_the_limit(scene: Scene) -> None:
    with scene.open_desk() as desk:
        evidence = {"stage": "pending_pick", "since": "2025-12-18T10:00:00+08:00"}
        told(desk.session, 12, kind="stale_stage", evidence=evidence)
    for words in ("12-22 09:30", "12-22 09:40", "12-23 09:40"):
        tick(scene, words)

    texts = [one.drawing for one in scene.app.parcels if isinstance(one.drawing, Text)]
    cards = [(one.recipient, one.drawing) for one in scene.app.parcels if isinstance(one.drawing, Card)]
    assert any("周报" in one.markdown for one in texts)
    ((recipient, card),) = [one for one in cards if one[1].subject.startswith("advice:")]
    assert recipient == "chenjie"
    assert card.title == "建议：待配货超时提醒 · 近 28 天 12 件"
    labels = [one.text for one in (*card.buttons, *card.menu)]
    assert labels == ["改为 3h", "只进日报", "关闭", "保持"]

    with scene.open_desk() as desk:
        advice = desk.session.scalars(select(Advice)).one()
        actor = Actor("陈姐", frozenset({Role.SUPERVISOR}), scene.people["chenjie"])
        pressing.press(desk, pressed("advice_limit", f"advice:{advice.id}"), actor)
        assert tuned(desk).stale.pending_pick_minutes == 180
