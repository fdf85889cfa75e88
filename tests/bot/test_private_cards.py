"""A card for one person's eyes: sealed while it waits, never in a group, the same again after a lost reply."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select

from bot import router
from bot.card import Card, Text, as_text
from bot.channels.sending import SendError
from bot.deliver import LEASE
from bot.owed import body_of, purpose_of
from config import Settings, parse
from handlers.incoming import Incoming
from models import Notification, Shop
from models.vault import Vault
from tests.bot.samples import NOW
from tests.bot.scene import BUSY, Desks, Scene
from tests.conftest import settings_document

SECRET = "13800001234"
CARD = Card("新单：请核对后确认", "draft:1", 2, body=f"电话 {SECRET}", private=True)
CHAT = {"slug": "chat", "platform": "chat", "prefix": "CHAT", "name": "微信群"}
WHOLE = f"新单 王小明 {SECRET} 浙江省杭州市西湖区文三路 1 号 QH-CUP-RED ×2 共138元"


@pytest.fixture
def settings() -> Settings:
    document = settings_document()
    return parse(document | {"shops": [*document["shops"], CHAT]})  # type: ignore[misc]


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    made = Scene(desks, settings, redis, people)
    with made.open_desk() as desk:
        desk.session.add(Shop(**CHAT, ship_hours=48))
    return made


def bodies(scene: Scene) -> str:
    return json.dumps([row.body for row in scene.rows()])


def test_a_private_card_is_sealed_and_as_text_it_is_private_too(vault: Vault) -> None:
    assert SECRET not in json.dumps(body_of(CARD, vault))
    assert as_text(CARD).private
    assert purpose_of(CARD) == "card"


def test_it_is_opened_on_the_way_and_forgotten_after(scene: Scene, vault: Vault) -> None:
    scene.owe(purpose="card", subject="draft:1", body=body_of(CARD, vault))
    assert SECRET not in bodies(scene)
    scene.run()
    assert scene.app.parcels[0].drawing == CARD
    assert scene.row().body == {}


def test_after_a_lost_reply_the_same_goes_out_again_and_lay_sealed_meanwhile(scene: Scene, vault: Vault) -> None:
    scene.app.fails = [SendError(BUSY, unknown=True)]
    scene.owe(purpose="card", subject="draft:1", body=body_of(CARD, vault))
    scene.run()
    assert SECRET not in bodies(scene)
    scene.run(LEASE + timedelta(minutes=3))
    first, second = scene.app.parcels
    assert (second.drawing, second.key, second.again) == (first.drawing, first.key, True)
    assert scene.row().body == {}


def test_a_draft_begun_in_a_group_goes_to_its_maker_alone(scene: Scene) -> None:
    said = Incoming("wecom_bot", "m-1", "xiaoli", "wrDEMO01", True, NOW, text=WHOLE)
    with scene.open_desk() as desk:
        answer = router.answer(desk, said)
    assert isinstance(answer, Text)
    assert "已单独发给您" in answer.markdown
    assert SECRET not in answer.markdown
    assert SECRET not in bodies(scene)
    scene.run()
    (parcel,) = scene.app.parcels
    assert parcel.recipient == "xiaoli"
    assert isinstance(parcel.drawing, Card)
    assert SECRET in json.dumps([field.value for field in parcel.drawing.fields])
    with scene.open_desk() as desk:
        assert desk.session.scalars(select(Notification.state)).all() == ["sent"]
