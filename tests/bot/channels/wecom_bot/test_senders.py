"""Bots that are told encrypted ids: in both modes the person behind one is found, or gets a plain sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.sending import Body
from bot.channels.wecom_bot.connection import Link
from bot.channels.wecom_bot.senders import NO_ANSWER, NO_APP, Senders, Unnamed
from bot.frames import hear
from bot.payload import Payload
from bot.pen import button_key
from config import ConfigError, Settings
from handlers.desk import OpenDesk
from sandbox.chat_press import press_of
from tests.bot.conftest import Town, a_case, callback_app, open_town, serving, town_settings

Desks = Callable[..., OpenDesk]


@pytest.fixture
def encrypted(town: Town) -> Settings:
    return town_settings(town.url, town.state.company, userids="encrypted")


def test_a_plain_id_takes_the_encrypted_ones_place_and_both_are_known(
    town: Town, encrypted: Settings, redis: Redis
) -> None:
    secret = town.wecom.open_id("xiaoli")
    found = Senders(encrypted, redis).plain({"msgid": "1", "from": {"userid": secret}})
    assert found == {"msgid": "1", "from": {"userid": "xiaoli", "told": secret}}


def test_a_plain_bot_asks_nobody(town_conf: Settings, redis: Redis) -> None:
    body = {"from": {"userid": "woSECRET"}}
    assert Senders(town_conf, redis).plain(body) is body


@pytest.mark.parametrize("body", [{}, {"from": "x"}, {"from": {}}, {"from": {"userid": 7}}])
def test_what_names_nobody_stays_as_it_is(encrypted: Settings, redis: Redis, body: dict[str, Any]) -> None:
    assert Senders(encrypted, redis).plain(body) is body


def test_without_the_app_or_its_answer_nobody_can_be_named(encrypted: Settings, redis: Redis) -> None:
    body = {"from": {"userid": "woSECRET"}}
    without = encrypted.model_copy(update={"wecom": None})
    assert encrypted.wecom is not None
    away = encrypted.model_copy(
        update={"wecom": encrypted.wecom.model_copy(update={"gateway": "http://127.0.0.1:9/qyapi"})}
    )
    for settings, words in ((without, NO_APP), (away, NO_ANSWER)):
        with pytest.raises(Unnamed) as unnamed:
            Senders(settings, redis).plain(body)
        assert str(unnamed.value) == words


def test_the_setting_takes_two_words_only(town: Town) -> None:
    with pytest.raises(ConfigError, match="userids"):
        town_settings(town.url, town.state.company, userids="secret")


@contextmanager
def joined(desks: Desks, redis: Redis, **app: str) -> Iterator[Town]:
    """A town in callback mode whose bot is told encrypted ids. `app`: what is wrong with the app's settings."""
    made: list[Flask] = []

    def later(environ: Any, start: Any) -> Any:
        """The hub must know the town's address, and the town the hub's."""
        return made[0](environ, start)

    with serving(later) as hub, open_town(hub, mode="callback") as town:  # type: ignore[arg-type]
        settings = town_settings(town.url, town.state.company, mode="callback", userids="encrypted")
        assert settings.wecom is not None
        settings = settings.model_copy(update={"wecom": settings.wecom.model_copy(update=app)})
        made.append(callback_app(settings, desks(settings), redis))
        town.aibot.chat.switches.encrypted_userids = 1
        yield town


def test_a_person_is_known_by_url(desks: Desks, redis: Redis, people: dict[str, int]) -> None:
    with joined(desks, redis) as town:
        assert town.aibot.say("chenjie", "bot:chenjie", "看板").kind == "template_card"
        assert town.aibot.enter("xiaoli").kind == "text"
        assert town.aibot.say("waiguan", "bot:waiguan", "看板").kind == "stream"
        assert "登记" in town.texts("bot:waiguan")[-1]
        assert town.complaints == []


def test_what_only_the_presser_sees_is_shown_to_the_id_that_was_told(
    desks: Desks, redis: Redis, people: dict[str, int], sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions() as session:
        case_id = a_case(session).id
        session.commit()
    key = Payload("claim", f"case:{case_id}", 1).pack(button_key(settings.security.button_key))
    card = {
        "card_type": "button_interaction",
        "task_id": "t-1",
        "main_title": {"title": "地址模糊"},
        "button_list": [{"text": "认领", "style": 1, "key": key}],
    }
    with joined(desks, redis) as town:
        message = town.aibot.post("group", "template_card", card)
        press = press_of(town.aibot.store, "laowang", message.id, key=key, selected={})
        assert (town.aibot.press(press).answer or {})["userids"] == [town.wecom.open_id("laowang")]
        assert "quote_area" in message.body_for("laowang")
        assert "quote_area" not in message.body
        assert town.complaints == []


def test_whoever_cannot_be_named_hears_it_by_url(desks: Desks, redis: Redis, people: dict[str, int]) -> None:
    with joined(desks, redis, gateway="http://127.0.0.1:9/qyapi") as town:
        assert town.aibot.say("chenjie", "bot:chenjie", "看板").kind == "stream"
        assert town.texts("bot:chenjie")[-1] == NO_ANSWER
        assert town.aibot.enter("xiaoli").kind == "empty"
        assert town.complaints == []


def test_by_the_long_connection_too(
    town: Town, encrypted: Settings, desks: Desks, redis: Redis, people: dict[str, int]
) -> None:
    town.aibot.chat.switches.encrypted_userids = 1
    assert encrypted.bot is not None
    assert encrypted.wecom is not None
    dead = encrypted.wecom.model_copy(update={"gateway": "http://127.0.0.1:9/qyapi"})
    away = encrypted.model_copy(update={"wecom": dead})
    for settings, who, kind in ((encrypted, "chenjie", "template_card"), (away, "xiaoli", "stream")):
        senders = Senders(settings, redis)
        open_desk, bot = desks(settings), settings.bot
        assert bot is not None

        def on(link: Link, req_id: str, body: Body, told: tuple[Any, ...] = (open_desk, bot, senders)) -> None:
            threading.Thread(target=lambda: hear(told[0], told[1], link, (req_id, body), senders=told[2])).start()

        link = Link.open(bot, on)
        assert town.aibot.say(who, f"bot:{who}", "看板").kind == kind
        link.close()
    assert town.texts("bot:xiaoli")[-1] == NO_ANSWER
    assert town.complaints == []
