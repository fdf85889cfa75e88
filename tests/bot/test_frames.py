"""A press that came by the long connection, and a platform that will not take its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot import ladder
from bot.channels.sending import Body
from bot.channels.wecom_bot.connection import Link
from bot.deliver import deliver
from bot.frames import hear
from bot.payload import Payload
from bot.pen import button_key
from config import Settings
from handlers.desk import OpenDesk
from models import Case, Notification
from sandbox.chat_press import press_of
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from tests.bot.conftest import Town, a_case
from tests.bot.samples import NOW
from tests.waiting import eventually


class House:
    """A hub on the bot's long connection, and a card in the group."""

    def __init__(self, town: Town, settings: Settings, open_desk: OpenDesk, redis: Redis) -> None:
        assert settings.bot is not None
        self.town, self.settings, self.open_desk, self._bot = town, settings, open_desk, settings.bot
        self.hearing: list[threading.Thread] = []
        with open_desk() as desk:
            self.case_id = a_case(desk.session).id
        self.ways = ladder.ways(settings, redis, home="worker")
        self.link = Link.open(settings.bot, self._on)

    def _on(self, link: Link, req_id: str, body: Body) -> None:
        thread = threading.Thread(target=lambda: hear(self.open_desk, self._bot, link, (req_id, body)))
        thread.start()
        self.hearing.append(thread)

    def card(self, action: str = "claim", key: bytes | None = None) -> Message:
        signed = key or button_key(self.settings.security.button_key)
        return self.town.aibot.post("group", "template_card", {
            "card_type": "button_interaction",
            "task_id": f"case-{self.case_id}-r1-n1-6",
            "main_title": {"title": "地址模糊"},
            "button_list": [
                {"text": "认领", "style": 1, "key": Payload(action, f"case:{self.case_id}", 1).pack(signed)}
            ],
        })  # fmt: skip

    def press(self, who: str, card: Message) -> Outcome:
        key = next(one["key"] for one in card.body_for(who)["button_list"] if one["text"] == "认领")
        outcome = self.town.aibot.press(press_of(self.town.aibot.store, who, card.id, key=key, selected={}))
        eventually(lambda: self.hearing and not any(thread.is_alive() for thread in self.hearing), "it is never heard")
        return outcome

    def owed(self) -> list[Notification]:
        with self.open_desk() as desk:
            found = select(Notification).where(Notification.dedupe_key.startswith("answer:"))
            return list(desk.session.scalars(found))

    def deliver(self) -> None:
        deliver(self.open_desk, self.ways, lambda: NOW)


@pytest.fixture
def house(
    town: Town, town_conf: Settings, desks: Callable[[Settings], OpenDesk], redis: Redis, people: dict[str, int]
) -> Iterator[House]:
    found = House(town, town_conf, desks(town_conf), redis)
    yield found
    found.link.close()


def updates(town: Town) -> int:
    return sum(frame.get("cmd") == "aibot_respond_update_msg" for frame in town.aibot.link.frames)


def buttons(message: Message) -> list[Any]:
    return list(message.body.get("button_list", []))


def test_a_platform_that_is_busy_is_asked_once_more_within_the_five_seconds(house: House) -> None:
    card = house.card()
    house.town.aibot.chat.switches.refuse_updates = 1
    assert house.press("xiaoli", card).kind == "update_template_card"
    assert updates(house.town) == 2
    assert "小李已认领" in card.body["quote_area"]["quote_text"]
    assert not house.owed()


def test_where_the_card_cannot_change_whoever_pressed_gets_it_alone(
    house: House, sessions: sessionmaker[Session], people: dict[str, int]
) -> None:
    card = house.card()
    house.town.aibot.chat.switches.set({"refuse_updates": 2, "deadline_seconds": 1})
    assert not house.press("xiaoli", card).answered
    with sessions() as session:
        assert session.get_one(Case, house.case_id).state == "claimed", "what was pressed is done"
    (row,) = house.owed()
    assert (row.channel, row.recipient, row.subject) == ("staff", str(people["xiaoli"]), f"case:{house.case_id}")
    house.deliver()
    (alone,) = house.town.chat("app:xiaoli")
    assert "小李已认领" in alone.body["quote_area"]["quote_text"]
    assert len(house.town.chat("group")) == 1, "no second card beside the first"
    assert not house.town.complaints


def test_a_refusal_reaches_its_presser_by_the_other_way(house: House, people: dict[str, int]) -> None:
    card = house.card()
    house.town.aibot.chat.switches.set({"refuse_updates": 2, "deadline_seconds": 1})
    house.press("laowang", card)
    (row,) = house.owed()
    assert row.recipient == str(people["laowang"])
    house.deliver()
    (alone,) = house.town.chat("app:laowang")
    assert "客服" in alone.body["quote_area"]["quote_text"], "who may do it"


def test_a_press_whose_answer_comes_too_late_is_owed_it(house: House) -> None:
    card = house.card()
    house.town.aibot.chat.switches.deadline_seconds = 0
    house.press("xiaoli", card)
    assert updates(house.town) == 1, "nothing helps after five seconds"
    assert len(house.owed()) == 1


def test_an_expired_card_that_cannot_change_is_told_of_alone(house: House, people: dict[str, int]) -> None:
    card = house.card(key=b"x" * 32)
    house.town.aibot.chat.switches.set({"refuse_updates": 2, "deadline_seconds": 1})
    house.press("xiaoli", card)
    (row,) = house.owed()
    assert row.recipient == str(people["xiaoli"])
    house.deliver()
    (alone,) = house.town.chat("app:xiaoli")
    assert "这张卡片已过期" in alone.body["quote_area"]["quote_text"]
    assert buttons(alone)


def test_an_expired_card_is_answered_in_its_place(house: House) -> None:
    card = house.card(key=b"x" * 32)
    assert house.press("xiaoli", card).kind == "update_template_card"
    assert "按钮已换新" in card.body["quote_area"]["quote_text"]
    assert house.press("xiaoli", card).kind == "update_template_card"
    assert "小李已认领" in card.body["quote_area"]["quote_text"]
    assert not house.town.complaints


def test_a_stranger_is_owed_nothing(house: House) -> None:
    card = house.card()
    house.town.aibot.chat.switches.set({"refuse_updates": 2, "deadline_seconds": 1})
    house.press("waiguan", card)
    assert not house.owed()
