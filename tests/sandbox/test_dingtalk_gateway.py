"""The Stream gateway: tickets, connections, acknowledgements, pushing again, disconnecting (dingtalk.md 1.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from sandbox.dingtalk_gateway import Gateway
from tests.sandbox.ding_hub import BOT, CARD, Ding, StreamClient

Json = dict[str, Any]


def handshake(opened: Json) -> int:
    """What a WebSocket handshake with this ticket is answered with."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    url = opened["endpoint"].replace("ws", "http", 1)
    return requests.get(url, params={"ticket": opened["ticket"]}, headers=headers, timeout=5, stream=True).status_code


def gateway(d: Ding) -> Gateway:
    return d.part.gateway


# who may connect


def test_a_wrong_secret_opens_nothing(d: Ding) -> None:
    answer = d.open(clientSecret="wrong")
    assert (answer.status_code, answer.json()["code"]) == (401, "authFailed")


@pytest.mark.parametrize(
    "subscriptions",
    [[], None, [{"type": "CALLBACK", "topic": "/v1.0/nothing"}], [{"type": "EVENT", "topic": BOT}], ["*"]],
)
def test_subscriptions_must_name_what_there_is(d: Ding, subscriptions: Any) -> None:
    assert d.open(subscriptions=subscriptions).status_code == 400


def test_a_ticket_must_be_quoted_and_opens_one_connection(d: Ding) -> None:
    opened = d.open().json()
    assert opened["endpoint"].startswith("ws://")
    assert {"+", "/", "="} <= set(opened["ticket"])
    StreamClient(opened).wait_for_ping()
    assert handshake(opened) == 401


def test_a_ticket_lives_ninety_seconds(d: Ding) -> None:
    opened = d.open().json()
    d.bench.move(seconds=91)
    assert handshake(opened) == 401
    assert handshake({**opened, "ticket": ""}) == 401


def test_tickets_can_be_made_void(d: Ding) -> None:
    opened = d.open().json()
    d.control(expire_tickets=True)
    assert handshake(opened) == 401


def test_a_connection_gets_only_what_it_subscribed_to(d: Ding) -> None:
    opened = d.open(subscriptions=[{"type": "CALLBACK", "topic": CARD}]).json()
    client = StreamClient(opened)
    client.wait_for_ping()
    assert d.bench.get("/control/chat")["ding_online"] is False
    assert d.bench.say("xiaoli", "ding", "我的")["kind"] == "offline"
    d.create(d.card())
    assert d.press("laowang", "claim")["answered"] is True


# frames and their answers


def test_the_gateway_pings_and_wants_its_own_words_back(d: Ding) -> None:
    client = d.connect()
    ping = client.wait_for_ping()
    assert (ping["type"], ping["specVersion"]) == ("SYSTEM", "1.0")
    assert "opaque" in json.loads(ping["data"])
    client.ack(ping, told={"opaque": "another"})
    d.wait(lambda: d.part.protocol_errors)
    assert d.errors() == ["stream: a ping must be answered with its own data"]


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ("no json", "no JSON"),
        ("[]", "without headers.messageId"),
        ('{"code": 200, "headers": {}}', "without headers.messageId"),
        ('{"code": "200", "headers": {"messageId": "x"}}', "code is no number"),
        ('{"code": 200, "headers": {"messageId": "x"}, "data": {}}', "data is no JSON string"),
        ('{"code": 200, "headers": {"messageId": "x"}}', "of nothing"),
    ],
)
def test_an_answer_out_of_protocol_is_noted(d: Ding, frame: str, why: str) -> None:
    client = d.connect()
    client.socket.send(frame)
    d.wait(lambda: d.part.protocol_errors)
    assert why in d.errors()[0]


@pytest.mark.parametrize("code", [404, 500])
def test_a_message_that_is_not_acknowledged_with_200_does_not_count_as_heard(d: Ding, code: int) -> None:
    d.connect(lambda frame: (code, None))
    told = d.bench.say("xiaoli", "ding", "我的")
    assert (told["answered"], told["why"]) == (False, f"code {code}")


# pushing again


def test_an_unanswered_message_comes_once_more_with_the_same_id(d: Ding) -> None:
    d.switch(deadline_seconds=0.05)
    client = d.connect(lambda frame: None)
    assert d.bench.say("xiaoli", "ding", "我的")["why"] == "timeout"
    first = client.said()
    d.bench.move(seconds=21)
    assert client.said(1)["msgId"] == first["msgId"]
    d.bench.move(seconds=120)
    d.wait(lambda: not gateway(d).watching())
    assert len([one for one in client.frames if one["type"] == "CALLBACK"]) == 2


def test_an_answered_message_never_comes_again(d: Ding) -> None:
    client = d.connect()
    d.bench.say("xiaoli", "ding", "我的")
    d.bench.move(seconds=61)
    d.wait(lambda: not gateway(d).watching())
    assert len([one for one in client.frames if one["type"] == "CALLBACK"]) == 1


def test_pushing_again_can_be_switched_off(d: Ding) -> None:
    d.switch(deadline_seconds=0.05, redeliver_seconds=0)
    client = d.connect(lambda frame: None)
    d.bench.say("xiaoli", "ding", "我的")
    d.bench.move(seconds=61)
    d.wait(lambda: not gateway(d).watching())
    assert len([one for one in client.frames if one["type"] == "CALLBACK"]) == 1


def test_an_unanswered_press_is_lost(d: Ding) -> None:
    d.switch(card_seconds=0.05)
    client = d.connect(lambda frame: None)
    d.create(d.card())
    assert d.press("laowang", "claim")["why"] == "timeout"
    d.bench.move(seconds=61)
    d.wait(lambda: not gateway(d).watching())
    assert len([one for one in client.frames if one["type"] == "CALLBACK"]) == 1


def test_a_test_may_push_the_very_same_frame_again(d: Ding) -> None:
    client = d.connect()
    d.bench.say("xiaoli", "ding", "我的")
    assert gateway(d).repeat(gateway(d).history[-1]) is True
    assert client.wait(1)["headers"]["messageId"] == client.wait(0)["headers"]["messageId"]


# several connections


def test_each_message_goes_to_one_of_several_connections(d: Ding) -> None:
    clients = [d.connect(), d.connect()]
    d.wait(lambda: len(gateway(d).links) == 2)
    for number in range(24):
        assert d.bench.say("xiaoli", "ding", str(number))["answered"] is True
    heard = [[one for one in client.frames if one["type"] == "CALLBACK"] for client in clients]
    assert sum(map(len, heard)) == 24
    assert all(heard), "chosen at random, so both got some"


def test_a_disconnect_is_told_first_and_nothing_is_pushed_there_any_more(d: Ding) -> None:
    old = d.connect()
    assert d.control(disconnect=True)["connections"] == 0
    frame = old.wait(0, "disconnect")
    assert (frame["type"], json.loads(frame["data"])["reason"]) == ("SYSTEM", "connection is expired")
    assert d.bench.say("xiaoli", "ding", "丢了")["kind"] == "offline"
    assert not old.closed.is_set(), "the line itself ends some seconds later"
    new = d.connect()
    d.wait(lambda: d.bench.get("/control/chat")["ding_online"])
    d.bench.say("xiaoli", "ding", "到了")
    assert new.said()["text"]["content"] == "到了"


def test_a_line_may_end_without_a_word(d: Ding) -> None:
    client = d.connect()
    d.control(disconnect="at_once")
    assert client.closed.wait(5)
    assert [one for one in client.frames if one["headers"]["topic"] == "disconnect"] == []


def test_a_message_that_was_under_way_when_the_line_ended_comes_on_the_next_one(d: Ding) -> None:
    d.switch(deadline_seconds=0.05)
    client = d.connect(lambda frame: None)
    d.bench.say("xiaoli", "ding", "我的")
    client.wait(0, BOT)
    client.close()
    d.wait(lambda: not gateway(d).links)
    again = d.connect()
    d.bench.move(seconds=21)
    assert again.said()["text"]["content"] == "我的"


# events


def events(d: Ding, answer: Any) -> StreamClient:
    opened = d.open(subscriptions=[{"type": "EVENT", "topic": "*"}]).json()
    client = StreamClient(opened, lambda frame: answer)
    client.wait_for_ping()
    return client


def test_an_event_names_itself_in_the_headers(d: Ding) -> None:
    client = events(d, (200, {"status": "SUCCESS"}))
    told = d.control(event={"type": "chat_update_title", "body": {"chatId": "chat1", "title": "新名字"}})
    assert told["answers"] == {"event": "SUCCESS"}
    frame = client.wait(0)
    assert frame["type"] == "EVENT"
    assert frame["headers"]["eventType"] == "chat_update_title"
    assert {"eventId", "eventBornTime", "eventCorpId", "eventUnifiedAppId"} <= frame["headers"].keys()
    assert json.loads(frame["data"])["title"] == "新名字"


def test_an_event_that_is_put_off_comes_again(d: Ding) -> None:
    client = events(d, (200, {"status": "LATER"}))
    told = d.control(event={"type": "user_leave_org", "body": {"userId": ["dt-xiaoli"]}})
    assert told["answers"] == {"event": "LATER"}
    d.bench.move(seconds=21)
    assert client.wait(1)["headers"]["eventId"] == client.wait(0)["headers"]["eventId"]
    assert d.quota()["stream"] == 0, "contact events are not counted"


def test_an_event_without_a_reader_is_lost(d: Ding) -> None:
    d.connect()
    assert d.control(event={"type": "chat_disband"})["answers"] == {"event": "offline"}
