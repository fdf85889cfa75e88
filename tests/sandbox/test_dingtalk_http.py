"""DingTalk without a long connection: it calls the hub, signed, and reads the answer (dingtalk.md 1.2, 3.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.dingtalk_core import signature
from tests.sandbox.chat_hub import Bench, Seen, bench
from tests.sandbox.ding_hub import KEY, Ding

Json = dict[str, Any]


@pytest.fixture(scope="module")
def ding_bench() -> Iterator[Bench]:
    with bench(dingtalk={"mode": "http"}) as found:
        yield found


def answering(d: Ding, told: Any) -> None:
    raw = told if isinstance(told, bytes | int) else json.dumps(told, ensure_ascii=False).encode()
    d.bench.hub.answer = lambda seen: raw


def heard(d: Ding, path: str = "/dingtalk/robot") -> Seen:
    return d.bench.hub.wait(lambda seen: seen.path == path)


def test_a_message_is_posted_with_a_signature_over_its_moment(d: Ding) -> None:
    d.bench.say("xiaoli", "ding", "我的")
    seen = heard(d)
    secret, stamp = d.settings.app_secret, seen.headers["timestamp"]
    assert stamp == str(int(d.bench.state.clock.epoch() * 1000))
    assert seen.headers["sign"] == signature(secret, f"{stamp}\n{secret}")
    assert seen.headers["content-type"] == "application/json; charset=utf-8"
    body = json.loads(seen.body)
    assert (body["text"]["content"], body["robotCode"], body["senderStaffId"]) == ("我的", KEY, "dt-xiaoli")


@pytest.mark.parametrize("told", [b"", {}, {"msgtype": "empty"}])
def test_an_answer_may_say_nothing(d: Ding, told: Any) -> None:
    answering(d, told)
    assert d.bench.say("xiaoli", "ding", "我的")["kind"] == "empty"
    assert len(d.bench.shown("xiaoli", "ding")) == 1


def test_an_answer_may_be_a_message_for_the_same_conversation(d: Ding) -> None:
    answering(d, {"msgtype": "markdown", "markdown": {"title": "看板", "text": "**12** 单"}})
    told = d.bench.say("xiaoli", "dgroup", "@订单助手 看板")
    assert (told["kind"], told["answer"]["markdown"]["title"]) == ("markdown", "看板")
    assert d.shown("laowang")["content"] == "**12** 单"
    assert d.quota()["stream_by_kind"] == {"robot message": 1, "answer of a robot message": 1}


@pytest.mark.parametrize("told", [b"no json", [], {"msgtype": "image"}, {"msgtype": "text", "text": {}}])
def test_a_broken_answer_is_noted(d: Ding, told: Any) -> None:
    answering(d, told)
    assert d.bench.say("xiaoli", "ding", "我的")["kind"] == "protocol_error"
    assert len(d.errors()) == 1


def test_a_message_is_posted_once_and_then_lost(d: Ding) -> None:
    answering(d, 500)
    told = d.bench.say("xiaoli", "ding", "我的")
    assert (told["answered"], told["why"]) == (False, "status 500")
    assert len(d.bench.hub.seen) == 1


def test_a_message_may_come_twice_or_not_at_all(d: Ding) -> None:
    d.switch(duplicate_callbacks=1)
    d.bench.say("xiaoli", "ding", "一")
    ids = [json.loads(seen.body)["msgId"] for seen in d.bench.hub.seen]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    d.switch(drop_callbacks=1)
    assert d.bench.say("xiaoli", "ding", "二")["why"] == "dropped"
    assert len(d.bench.hub.seen) == 2


def test_whether_an_address_is_up_is_known_only_after_a_call(d: Ding) -> None:
    d.part.http._reached = False
    assert d.bench.get("/control/chat")["ding_online"] is None
    d.bench.say("xiaoli", "ding", "我的")
    assert d.bench.get("/control/chat")["ding_online"] is True


def pressable(d: Ding, **more: Any) -> None:
    d.create(d.card(callbackType="HTTP", callbackRouteKey="hub-cards") | more)


def test_a_press_is_posted_to_the_registered_address_with_its_own_signature(d: Ding) -> None:
    pressable(d)
    d.press("laowang", "claim")
    seen = heard(d, "/dingtalk/card")
    stamp = seen.headers["x-ddpaas-signature-timestamp"]
    assert seen.headers["x-ddpaas-signature"] == signature(d.settings.card_secret, stamp)
    body = json.loads(seen.body)
    assert (body["outTrackId"], body["userId"]) == ("t-1", "dt-laowang")
    assert json.loads(body["content"])["cardPrivateData"]["params"]["key"] == "claim"


def test_the_answer_of_a_press_is_the_body_itself(d: Ding) -> None:
    options = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    private = {"cardParamMap": {"note": "只有你"}}
    answering(d, {"cardUpdateOptions": options, "userPrivateData": private})
    pressable(d)
    assert d.press("laowang", "claim")["kind"] == "card_update"
    assert (d.shown("laowang")["note"], d.shown("xiaoli")["note"]) == ("只有你", "")
    answering(d, b"ok")
    assert d.press("laowang", "claim")["kind"] == "protocol_error"
    assert len(d.errors()) == 1


def test_a_press_waits_two_seconds_at_most(d: Ding) -> None:
    d.switch(card_seconds=0.05)
    pressable(d)
    d.bench.hub.answer = slow
    assert d.press("laowang", "claim")["why"] == "timeout"


def slow(seen: Seen) -> bytes:
    import threading

    threading.Event().wait(0.3)
    return b"{}"


def test_without_a_secret_a_press_is_not_signed(d: Ding) -> None:
    url = f"{d.bench.hub.url}/cards"
    d.post("/v1.0/card/callbacks/register", {"callbackRouteKey": "open", "callbackUrl": url})
    pressable(d, callbackRouteKey="open")
    d.press("laowang", "claim")
    assert "x-ddpaas-signature" not in heard(d, "/cards").headers


def test_a_press_on_a_card_with_an_unknown_key_is_lost_and_noted(d: Ding) -> None:
    pressable(d, callbackRouteKey="nobody")
    assert d.press("laowang", "claim")["why"] == "unregistered"
    assert d.errors() == ["card t-1: callbackRouteKey nobody is not registered"]


def test_a_card_may_call_over_the_long_connection_all_the_same(d: Ding) -> None:
    client = d.connect()
    d.create(d.card())
    assert d.press("laowang", "claim")["answered"] is True
    assert client.pressed()["outTrackId"] == "t-1"
    d.bench.say("xiaoli", "ding", "我的")
    assert heard(d).path == "/dingtalk/robot", "messages go the way that the console says"
