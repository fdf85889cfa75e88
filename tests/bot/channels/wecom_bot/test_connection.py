"""The long connection against the platform's stand-in."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from redis import Redis
from websockets.sync.server import ServerConnection, serve

from bot.card import Card, Text
from bot.cards import draw
from bot.channels.sending import Change, Parcel, Reaction, SendError
from bot.channels.wecom_bot import connection
from bot.channels.wecom_bot.client import BotSender
from bot.channels.wecom_bot.connection import Link
from config import Settings
from config_chat import WecomBot
from tests.bot.conftest import NO_RETRY, Town
from tests.bot.samples import PEN, case

Heard = queue.SimpleQueue[tuple[str, dict[str, Any]]]


@pytest.fixture
def bot_conf(town_conf: Settings) -> WecomBot:
    assert town_conf.bot is not None
    return town_conf.bot


@contextmanager
def opened(conf: WecomBot, heard: Heard | None = None) -> Iterator[Link]:
    into: Heard = heard or queue.SimpleQueue()
    link = Link.open(conf, lambda _link, req_id, body: into.put((req_id, body)))
    try:
        yield link
    finally:
        link.close()


def say(town: Town, text: str, chat: str = "group") -> threading.Thread:
    thread = threading.Thread(target=town.aibot.say, args=("chenjie", chat, text))
    thread.start()
    return thread


def a_card(revision: int = 3) -> Card:
    drawing = draw(case(revision=revision), PEN)
    assert isinstance(drawing, Card)
    return drawing


def test_it_hears_answers_and_pings(town: Town, bot_conf: WecomBot) -> None:
    heard: Heard = queue.SimpleQueue()
    with opened(bot_conf, heard) as link:
        assert link.alive
        assert link.ping()
        saying = say(town, "@订单助手 看板")
        req_id, body = heard.get(timeout=5)
        assert body["text"]["content"] == "@订单助手 看板"
        link.request("aibot_respond_msg", {"msgtype": "markdown", "markdown": {"content": "**好**"}}, req_id)
        saying.join()
    assert town.texts("group")[-1] == "**好**"
    assert not link.alive
    assert not town.complaints


def test_a_wrong_secret_and_no_server_are_told_apart(town: Town, bot_conf: WecomBot) -> None:
    with pytest.raises(SendError) as wrong, opened(bot_conf.model_copy(update={"secret": "nonsense"})):
        pass
    assert wrong.value.resolution.reaction is Reaction.ALERT
    with pytest.raises(SendError) as away, opened(bot_conf.model_copy(update={"gateway": "ws://127.0.0.1:9"})):
        pass
    assert not away.value.permanent


def test_the_one_that_is_taken_over_is_told_so(town: Town, bot_conf: WecomBot) -> None:
    with opened(bot_conf) as first, opened(bot_conf) as second:
        first._reader.join(5)
        assert first.evicted
        assert not first.alive
        assert second.alive
        assert not second.evicted
        with pytest.raises(SendError):
            first.request("ping")
        assert not first.ping()


def test_an_error_code_comes_with_its_reaction(town: Town, bot_conf: WecomBot) -> None:
    with opened(bot_conf) as link:
        with pytest.raises(SendError) as late:
            link.request("aibot_respond_msg", {"msgtype": "markdown", "markdown": {"content": "好"}}, "unknown")
        assert (late.value.code, late.value.used_up) == (846605, True)
        with pytest.raises(SendError) as odd:
            link.request("no_such_command")
        assert odd.value.permanent
        assert link.ping()


@contextmanager
def scripted(*answers: str | None) -> Iterator[str]:
    """A server that acks the subscription, then says `answers` to whatever comes; None hangs up."""

    def handle(socket: ServerConnection) -> None:
        first = json.loads(socket.recv())
        socket.send(json.dumps({"headers": first["headers"], "errcode": 0}))
        for answer in answers:
            socket.recv()
            if answer is None:
                return
            socket.send(answer)
        for _ in socket:
            pass

    with serve(handle, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()


def test_a_connection_that_ends_before_the_ack_leaves_the_outcome_unknown(bot_conf: WecomBot) -> None:
    with scripted(None) as url, opened(bot_conf.model_copy(update={"gateway": url})) as link:
        with pytest.raises(SendError) as error:
            link.request("aibot_send_msg", {})
        assert (error.value.unknown, error.value.permanent) == (True, False)


def test_odd_frames_are_no_end(bot_conf: WecomBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ACK_SECONDS", 0.2)
    odd = ("no json", "[1]", '{"headers": 7}', '{"cmd": "aibot_msg_callback"}', '{"headers": {"req_id": "x"}}')
    with scripted(*odd) as url, opened(bot_conf.model_copy(update={"gateway": url})) as link:
        for _ in odd:
            with pytest.raises(SendError) as error:
                link.request("ping")
            assert error.value.unknown
        assert link.alive


def test_it_pushes_cards_and_texts_once_somebody_talked(town: Town, bot_conf: WecomBot, redis: Redis) -> None:
    with opened(bot_conf) as link:
        sender = BotSender(lambda: link, redis, PEN.base_url)
        parcel = Parcel("wrDEMO01", a_card(), "case-12-r3-n1", is_group=True)
        with pytest.raises(SendError) as silent:
            sender.send(parcel)
        assert (silent.value.code, silent.value.permanent) == (86003, True)
        town.aibot._talked.update({"group", "bot:xiaoli"})
        sender.send(parcel)
        assert town.chat("group")[-1].kind == "template_card"
        sender.send(Parcel("xiaoli", Text("好"), "n2"))
        assert town.texts("bot:xiaoli") == ["好"]
        with pytest.raises(SendError):
            sender.send(parcel)
        again = Parcel("wrDEMO01", a_card(), "case-12-r3-n1", is_group=True, again=True)
        assert sender.send(again).problem
        assert len(town.chat("group")) == 1


def test_without_a_connection_it_asks_for_patience(redis: Redis) -> None:
    sender = BotSender(lambda: None, redis, PEN.base_url)
    assert sender.wait_seconds("wrDEMO01") == 0
    with pytest.raises(SendError) as error:
        sender.send(Parcel("wrDEMO01", Text("好"), "n1", is_group=True))
    assert not error.value.permanent
    with pytest.raises(SendError) as change:
        sender.change(Change(a_card(), "t", "c"))
    assert change.value.used_up
    deaf = BotSender(lambda: None, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY), PEN.base_url)
    with pytest.raises(SendError):
        deaf.wait_seconds("wrDEMO01")
