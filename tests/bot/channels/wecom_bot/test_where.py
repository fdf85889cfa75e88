"""Who is called where several read, and where somebody is sent for an answer that is theirs alone."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from redis import Redis

from bot import replies
from bot.card import Text
from bot.channels.sending import Parcel, SendError
from bot.channels.wecom_bot.client import BotSender
from bot.channels.wecom_bot.connection import Link
from bot.heard import Heard
from config import Settings
from handlers.desk import OpenDesk
from handlers.incoming import Incoming
from sandbox.chat_errors import Refused
from sandbox.chat_store import Message
from tests.bot.conftest import Town
from tests.bot.samples import NOW

Desks = Callable[..., OpenDesk]


@pytest.mark.parametrize(("has_app", "where"), [(True, "应用的会话"), (False, "与“订单助手”的单聊")])
def test_the_chat_that_is_named_is_the_one_in_which_it_comes(
    desks: Desks, settings: Settings, people: dict[str, int], has_app: bool, where: str
) -> None:
    conf = settings if has_app else settings.model_copy(update={"wecom": None})
    asked = Incoming("wecom_bot", "m-1", "chenjie", "wrDEMO01", True, NOW, text="帮助")
    with desks(conf)() as desk:
        reply = replies.of_bot(desk, Heard(asked))
    assert reply is not None
    assert isinstance(reply.drawing, Text)
    assert where in reply.drawing.markdown


@pytest.mark.parametrize(("encrypted", "ends"), [(False, "A7F2 认领\n<@laowang>"), (True, "A7F2 认领")])
def test_whoever_must_act_is_called_in_the_group(
    town: Town, town_conf: Settings, redis: Redis, encrypted: bool, ends: str
) -> None:
    """As by the other ways into a group; where the bot knows people by other ids than ours, by the words alone."""
    assert town_conf.bot is not None
    town.aibot._talked.add("group")
    link = Link.open(town_conf.bot, lambda *_: None)
    sender = BotSender(lambda: link, redis, "http://hub.example", calls=not encrypted)
    words = Text("**待发货超时**\n回复 A7F2 认领", calls={"wecom": "laowang"})
    sender.send(Parcel("wrDEMO01", words, "k", is_group=True))
    link.close()
    assert town.texts("group")[-1].endswith(ends)
    assert town.complaints == []


def test_a_long_text_still_calls(town: Town, town_conf: Settings, redis: Redis) -> None:
    assert town_conf.bot is not None
    town.aibot._talked.add("group")
    link = Link.open(town_conf.bot, lambda *_: None)
    sender = BotSender(lambda: link, redis, "http://hub.example")
    sender.send(Parcel("wrDEMO01", Text("长" * 9000, calls={"wecom": "laowang"}), "k", is_group=True))
    link.close()
    assert town.texts("group")[-1].endswith("…\n<@laowang>")


def test_a_text_that_is_refused_is_not_taken_for_one_that_had_arrived(
    town: Town, town_conf: Settings, redis: Redis
) -> None:
    """Only a card has an id by which the platform knows it."""
    assert town_conf.bot is not None
    town.aibot._talked.add("group")
    link = Link.open(town_conf.bot, lambda *_: None)
    town.aibot.post = _refuse(40058)  # type: ignore[method-assign]
    with pytest.raises(SendError) as error:
        BotSender(lambda: link, redis, "http://hub.example").send(
            Parcel("wrDEMO01", Text("好"), "k", is_group=True, again=True)
        )
    link.close()
    assert error.value.code == 40058
    town.aibot.protocol_errors.clear()


def test_a_chat_that_takes_no_more_for_longer_than_a_minute_waits_an_hour(
    town: Town, town_conf: Settings, redis: Redis
) -> None:
    assert town_conf.bot is not None
    town.aibot._talked.update({"group", "bot:xiaoli"})
    link = Link.open(town_conf.bot, lambda *_: None)
    sender = BotSender(lambda: link, redis, "http://hub.example")
    post, town.aibot.post = town.aibot.post, _refuse(45009)  # type: ignore[method-assign]
    waits = []
    for _ in range(2):
        with pytest.raises(SendError) as error:
            sender.send(Parcel("wrDEMO01", Text("好"), "k", is_group=True))
        waits.append(error.value.resolution.wait_seconds)
        for name in redis.keys("hub:refused:*"):
            redis.set(name, time.time() - 61)
    with pytest.raises(SendError) as error:
        sender.send(Parcel("xiaoli", Text("好"), "k"))
    waits.append(error.value.resolution.wait_seconds)
    town.aibot.post = post  # type: ignore[method-assign]
    link.close()
    assert waits == [60, 3600, 60], "each chat has limits of its own"


def _refuse(code: int) -> Callable[..., Message]:
    def refuse(*_: object, **__: object) -> Message:
        raise Refused(code, "refused")

    return refuse
