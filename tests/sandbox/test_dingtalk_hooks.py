"""A group's custom robot, by its webhook (dingtalk.md 2.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from sandbox.dingtalk_core import signature
from tests.sandbox.ding_hub import Ding

Json = dict[str, Any]
TEXT = {"msgtype": "text", "text": {"content": "库存不足"}}
TOKEN = "demo-hook-token"


def send(d: Ding, body: Any = TEXT, **changes: Any) -> Json:
    """Signed as the documents say; a changed query value replaces ours, `raw` is sent as it is."""
    secret = d.settings.hook_secret
    stamp = str(changes.pop("timestamp", int(d.bench.state.clock.epoch() * 1000)))
    query = {"access_token": TOKEN, "timestamp": stamp, "sign": signature(secret, f"{stamp}\n{secret}")}
    headers = {"Content-Type": changes.pop("content_type", "application/json")}
    raw = changes.pop("raw", json.dumps(body, ensure_ascii=False).encode())
    url = f"{d.bench.base}/dingtalk/oapi/robot/send"
    answer = requests.post(url, params=query | changes, data=raw, headers=headers, timeout=10)
    assert answer.status_code == 200, "success and failure alike"
    told: Json = answer.json()
    return told


def test_the_signature_is_the_one_of_the_documents() -> None:
    assert signature("demo-secret", "1700000000000\ndemo-secret") == "mSUvvxbX7ba307ODWOhHpJmbw3QdiJvvLe0lcElsApI="
    assert signature("demo-secret", "1700000000000") == "eqxRFGONe3Uaz+A0JUrlQgH3142Rdp5KXSQyjLLBHzk="


def test_a_signed_message_stands_in_the_group_under_the_custom_robot(d: Ding) -> None:
    assert send(d)["errcode"] == 0
    message = d.bench.shown("xiaoli", "dgroup")[-1]
    assert (message["sender"]["kind"], message["body"]["content"]) == ("ding_hook", "库存不足")
    assert d.quota()["stream_by_kind"] == {"custom robot": 1}
    assert d.quota()["calls"] == 0


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"access_token": "other"}, 400101),
        ({"sign": "wrong"}, 310000),
        ({"timestamp": "1700000000000"}, 310000),
        ({"timestamp": "soon"}, 310000),
        ({"content_type": "text/plain"}, 43004),
        ({"raw": b"no json"}, 40035),
        ({"raw": json.dumps({"msgtype": "text", "text": {"content": "x" * 20_000}}).encode()}, 460101),
    ],
)
def test_what_does_not_pass_is_told_in_the_answer(d: Ding, changes: Json, errcode: int) -> None:
    assert send(d, **changes)["errcode"] == errcode
    assert d.bench.shown("xiaoli", "dgroup") == []


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "image"}, 400105),
        ({"msgtype": "text"}, 40035),
        ({"msgtype": "text", "text": {"content": " "}}, 40035),
        ({"msgtype": "markdown", "markdown": {"text": "x"}}, 40035),
        ({"msgtype": "link", "link": {"title": "t", "text": "x"}}, 40035),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x"}}, 40035),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btns": [{"title": "A"}]}}, 40035),
        ({"msgtype": "feedCard", "feedCard": {"links": []}}, 40035),
        (TEXT | {"at": {"atUserIds": ["x"] * 51}}, 40035),
        (TEXT | {"at": []}, 0),
    ],
)
def test_each_kind_of_message_needs_its_parts(d: Ding, body: Json, errcode: int) -> None:
    assert send(d, body)["errcode"] == errcode


def test_all_kinds_of_messages_are_shown(d: Ding) -> None:
    link = {"title": "菜单", "text": "点开", "messageUrl": "https://a", "picUrl": "https://b"}
    buttons = [{"title": "好", "actionURL": "https://a"}, {"title": "不", "actionURL": "https://b"}]
    card = {"title": "确认", "text": "x", "btnOrientation": "1", "btns": buttons}
    whole = {"title": "确认", "text": "x", "singleTitle": "看", "singleURL": "https://c", "btns": buttons}
    feed = {"links": [{"title": "牛肉饭", "messageURL": "https://a", "picURL": "https://b"}]}
    sent = {"link": link, "actionCard": card, "feedCard": feed}
    for kind, part in sent.items():
        assert send(d, {"msgtype": kind, kind: part})["errcode"] == 0
    assert send(d, {"msgtype": "actionCard", "actionCard": whole})["errcode"] == 0
    shown = d.bench.shown("xiaoli", "dgroup")
    assert [one["kind"] for one in shown] == ["ding_link", "ding_action", "ding_feed", "ding_action"]
    assert (shown[1]["body"]["across"], [one["text"] for one in shown[1]["body"]["buttons"]]) == (True, ["好", "不"])
    assert [one["url"] for one in shown[3]["body"]["buttons"]] == ["https://c"], "btns do not count beside singleURL"


def test_twenty_a_minute_and_then_ten_minutes_of_silence(d: Ding) -> None:
    assert [send(d)["errcode"] for _ in range(21)] == [0] * 20 + [410100]
    d.bench.move(minutes=2)
    assert send(d)["errcode"] == 410100
    d.bench.move(minutes=9)
    assert send(d)["errcode"] == 0


def test_a_message_that_is_sent_twice_with_its_uuid_stands_there_once(d: Ding) -> None:
    assert [send(d, TEXT | {"msgUuid": "u-1"})["errcode"] for _ in range(2)] == [0, 0]
    assert len(d.bench.shown("xiaoli", "dgroup")) == 1
    send(d, TEXT | {"msgUuid": "u-2"})
    assert len(d.bench.shown("xiaoli", "dgroup")) == 2


def test_a_mention_needs_the_id_in_both_places(d: Ding) -> None:
    send(d, {"msgtype": "text", "text": {"content": "@dt-laowang 请看"}, "at": {"atUserIds": ["dt-laowang"]}})
    assert d.shown()["at"] == ["laowang"]
    send(d, {"msgtype": "text", "text": {"content": "请看"}, "at": {"atUserIds": ["dt-laowang"]}})
    assert d.shown()["at"] == []
    send(d, {"msgtype": "text", "text": {"content": "大家看"}, "at": {"isAtAll": True}})
    assert len(d.shown()["at"]) == 5
    feed = {"links": [{"title": "t", "messageURL": "https://a", "picURL": "https://b"}]}
    send(d, {"msgtype": "feedCard", "feedCard": feed, "at": {"isAtAll": True}})
    assert d.shown()["at"] == []
