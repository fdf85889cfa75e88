"""The group's webhook, against the platform's stand-in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, Response
from redis import Redis

from bot.card import Button, Card, Text
from bot.cards import draw
from bot.channels.sending import Change, Parcel, Reaction, SendError
from bot.channels.wecom_hook.client import HookSender
from config_chat import WecomHook
from tests.bot.conftest import NO_RETRY, Town, serving
from tests.bot.samples import PEN, VIEWS

SECRET = "sandbox-hook-key-0001"


@pytest.fixture
def settings(town: Town) -> WecomHook:
    return WecomHook(gateway=f"{town.url}/qyapi", key=SECRET)


@pytest.fixture
def sender(settings: WecomHook, redis: Redis) -> HookSender:
    return HookSender(settings, redis, PEN.base_url)


def send(sender: HookSender, drawing: Card | Text) -> None:
    sender.send(Parcel("hook", drawing, "case-12-r3-n1", is_group=True))


def a_case() -> Card:
    card = draw(VIEWS["case"], PEN)
    assert isinstance(card, Card)
    return card


def test_a_notice_is_a_card_and_what_can_be_pressed_is_text(town: Town, sender: HookSender) -> None:
    for drawing in (draw(VIEWS["board"], PEN), a_case(), Text("**好**")):
        send(sender, drawing)
    kinds = [message.kind for message in town.chat("group")]
    assert kinds == ["template_card", "markdown", "markdown"]
    assert "在应用会话里回复 A7F2 认领" in town.texts("group")[1]


def test_one_person_is_called_by_name(town: Town, sender: HookSender) -> None:
    send(sender, replace(a_case(), calls={"wecom": "laowang", "dingtalk": "dt-laowang"}))
    send(sender, Text("[看板](http://hub) **好**", calls={"wecom": "xiaoli"}))
    send(sender, Text("好", calls={"dingtalk": "dt-xiaoli"}))
    card, text, other = town.chat("group")
    assert (card.kind, card.body["mentioned_list"]) == ("text", ["laowang"])
    assert (text.body["content"], text.body["mentioned_list"]) == ("看板：http://hub 好", ["xiaoli"])
    assert other.kind == "markdown"


def test_long_texts_are_cut_where_the_platform_would_refuse_them(town: Town, sender: HookSender) -> None:
    send(sender, Text("字" * 5000))
    send(sender, Text("字" * 5000, calls={"wecom": "xiaoli"}))
    send(sender, Text("", calls={"wecom": "xiaoli"}))
    long, short, empty = town.texts("group")
    assert 4000 < len(long.encode()) <= 4096
    assert 2000 < len(short.encode()) <= 2048
    assert empty == "（空）"


@pytest.mark.parametrize(("state", "said"), [("removed", "移除"), ("disabled", "停用"), ("outside", "不在这个群")])
def test_a_webhook_that_is_gone_is_switched_off_with_words(
    town: Town, sender: HookSender, state: str, said: str
) -> None:
    town.wecom.hook.state = state
    with pytest.raises(SendError, match=said) as error:
        send(sender, Text("好"))
    assert error.value.resolution.reaction is Reaction.ALERT


def test_the_21st_of_a_minute_waits_here_and_not_there(town: Town, sender: HookSender) -> None:
    assert [sender.wait_seconds("hook") for _ in range(20)] == [0.0] * 20
    assert 0 < sender.wait_seconds("hook") < 61
    for _ in range(20):
        send(sender, Text("好"))
    with pytest.raises(SendError) as error:
        send(sender, Text("好"))
    assert (error.value.code, error.value.resolution.wait_seconds) == (45009, 60)


@pytest.mark.parametrize(
    ("page", "unknown"),
    [
        (Response("<html>busy</html>"), True),
        (Response("busy", status=502), True),
        (Response("[]", mimetype="application/json"), True),
        (Response('{"errcode": "x"}', mimetype="application/json"), True),
        (Response('{"errcode": -1}', mimetype="application/json"), False),
    ],
)
def test_what_is_no_answer_may_have_arrived(settings: WecomHook, redis: Redis, page: Response, unknown: bool) -> None:
    app = Flask("platform")
    app.add_url_rule("/cgi-bin/webhook/send", view_func=lambda: page, methods=["POST"])
    with serving(app) as url:
        sender = HookSender(settings.model_copy(update={"gateway": url}), redis, PEN.base_url)
        with pytest.raises(SendError) as error:
            send(sender, Text("好"))
    assert (error.value.permanent, error.value.unknown) == (False, unknown)
    assert error.value.__cause__ is None


def test_nobody_there_and_no_secret_told(settings: WecomHook, redis: Redis) -> None:
    away = HookSender(settings.model_copy(update={"gateway": "http://127.0.0.1:9"}), redis, PEN.base_url)
    with pytest.raises(SendError) as error:
        send(away, Text("好"))
    assert (error.value.permanent, error.value.unknown) == (False, False), "it never left, so it may go again"
    assert SECRET not in f"{error.value!r} {error.value.__context__ and ''}"
    with pytest.raises(SendError):
        HookSender(settings, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY), "").wait_seconds("hook")


def test_nothing_changes_there_any_more(sender: HookSender) -> None:
    with pytest.raises(SendError) as error:
        sender.change(Change(Card("题", "x", 1, buttons=(Button("好", "k"),)), "t", ""))
    assert error.value.used_up
