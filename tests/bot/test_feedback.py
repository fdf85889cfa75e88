"""The thumbs below the bot's answers, in both modes, and messages that nobody can read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from bot.channels.sending import Body
from bot.channels.wecom_bot import parse
from bot.channels.wecom_bot.connection import Link
from bot.crypto import BadEnvelope
from bot.frames import hear
from config import Settings
from handlers.desk import OpenDesk
from handlers.reports import feedback
from sandbox.chat_bot import Heard
from sandbox.company import load_company
from tests.bot.conftest import Town, callback_app, open_town, serving, town_settings

Desks = Callable[..., OpenDesk]


@pytest.fixture(params=["callback", "stream"])
def joined(
    request: pytest.FixtureRequest, desks: Desks, redis: Redis, people: dict[str, int]
) -> Iterator[tuple[Town, OpenDesk]]:
    conf = town_settings("http://127.0.0.1:9", load_company(), mode=request.param)
    open_desk = desks(conf)
    with serving(callback_app(conf, open_desk, redis)) as hub, open_town(hub, mode=request.param) as town:
        link = _listening(town, conf, open_desk) if request.param == "stream" else None
        yield town, open_desk
        if link is not None:
            link.close()


def _listening(town: Town, conf: Settings, open_desk: OpenDesk) -> Link:
    bot = town_settings(town.url, town.state.company).bot
    assert bot is not None

    def on(link: Link, req_id: str, body: Body) -> None:
        threading.Thread(target=lambda: hear(open_desk, bot, link, (req_id, body))).start()

    return Link.open(bot, on)


def counted(open_desk: OpenDesk) -> dict[str, dict[str, int]]:
    with open_desk() as desk:
        return {name: dict(said) for name, said in feedback.counts(desk, 7).items()}


def test_what_people_think_is_counted_once_and_not_answered(joined: tuple[Town, OpenDesk]) -> None:
    town, open_desk = joined
    town.aibot.chat.switches.deadline_seconds = 1
    assert town.aibot.say("xiaoli", "bot:xiaoli", "帮助").kind == "stream"
    answer = town.chat("bot:xiaoli")[-1]
    assert answer.body["feedback"]
    for kind in (1, 1, 2, 9):
        town.aibot.chat.switches.duplicate_callbacks = int(kind == 2)
        town.aibot.judge("xiaoli", answer, kind)
    assert town.aibot.store.wait(lambda: counted(open_desk) == {"帮助": {"有用": 2, "没用": 1}}, 5)
    assert len(town.chat("bot:xiaoli")) == 2
    assert town.complaints == []


def test_feedback_without_an_id_or_a_kind_is_refused() -> None:
    told = {"msgtype": "event", "event": {"eventtype": "feedback_event", "feedback_event": {"type": "good"}}}
    for body in (told, {**told, "msgid": "1"}):
        with pytest.raises(BadEnvelope):
            parse.feedback(body)


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("image", {"url": "https://127.0.0.1/1"}, "图片"),
        ("video", {"url": "https://127.0.0.1/1"}, "视频"),
        ("voice", {"content": ""}, "没有听清"),
        ("mixed", {"msg_item": [{"msgtype": "image", "image": {"url": "x"}}]}, "图片"),
        ("file", {}, "重新发"),
    ],
)
def test_what_nobody_can_read_is_answered_with_what_to_do(
    joined: tuple[Town, OpenDesk], kind: str, content: dict[str, Any], words: str
) -> None:
    town, _ = joined
    for who, said in (("xiaoli", words), ("waiguan", "登记")):
        chat = f"bot:{who}"
        message = town.aibot.store.add(chat, who, "image", {})
        body = town.aibot.head(who, chat) | {"msgtype": kind, kind: content}
        assert town.aibot.tell(Heard(who, chat, town.aibot.clock.now(), body, message)).kind == "stream"
        assert said in town.texts(chat)[-1]
    assert town.complaints == []


def test_a_spoken_message_is_a_command_and_so_are_words_beside_a_picture(joined: tuple[Town, OpenDesk]) -> None:
    town, _ = joined
    said = {"voice": {"content": "看板"}, "mixed": {"msg_item": [
        {"msgtype": "image", "image": {"url": "x"}}, {"msgtype": "text", "text": {"content": "看板"}},
    ]}}  # fmt: skip
    for kind, content in said.items():
        message = town.aibot.store.add("bot:chenjie", "chenjie", "voice", {})
        body = town.aibot.head("chenjie", "bot:chenjie") | {"msgtype": kind, kind: content}
        heard = Heard("chenjie", "bot:chenjie", town.aibot.clock.now(), body, message)
        assert town.aibot.tell(heard).kind == "template_card"
    assert town.complaints == []
