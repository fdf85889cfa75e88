"""DingTalk's stand-in as a whole: a message, a card and a press (dingtalk.md), on the phones and in /control/chat."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.ding_hub import BOT, GROUP, KEY, Ding

Json = dict[str, Any]


def test_the_robot_hears_the_group_when_it_is_mentioned(d: Ding) -> None:
    client = d.connect()
    assert d.bench.say("xiaoli", "dgroup", "大家早")["kind"] == "not_mentioned"
    told = d.bench.say("xiaoli", "dgroup", "@订单助手 看板")
    assert (told["answered"], told["kind"]) == (True, "ack")
    frame, body = client.wait(0, BOT), client.said()
    assert (frame["specVersion"], frame["type"]) == ("1.0", "CALLBACK")
    assert frame["headers"]["appId"] == KEY
    assert body["text"]["content"] == " 看板"
    assert (body["conversationType"], body["conversationId"], body["senderStaffId"]) == ("2", GROUP, "dt-xiaoli")
    assert (body["robotCode"], body["isInAtList"], body["msgtype"]) == (KEY, True, "text")
    assert len([one for one in client.frames if one["type"] == "CALLBACK"]) == 1


def test_a_card_is_pressed_answered_to_the_clicker_and_updated_for_everybody(d: Ding) -> None:
    by_key = {"updateCardDataByKey": True}
    answer = {"cardUpdateOptions": by_key, "cardData": {"cardParamMap": {"done_text": "你认领了"}}}
    client = d.connect(lambda frame: (200, {"response": answer}))
    told = d.create(d.card())
    assert told["result"]["deliverResults"][0]["success"] is True
    assert d.shown()["buttons"][0] == {"text": "认领", "key": "claim", "style": "main"}
    outcome = d.press("laowang", "claim")
    assert (outcome["answered"], outcome["kind"]) == (True, "card_update")
    assert client.pressed()["userId"] == "dt-laowang"
    assert (d.shown("laowang")["done_text"], d.shown("xiaoli")["done_text"]) == ("你认领了", "")
    d.update("t-1", done_text="老王认领")
    assert [d.shown(who)["done_text"] for who in ("laowang", "xiaoli")] == ["老王认领"] * 2


def test_the_phones_know_whether_the_robot_is_there(d: Ding) -> None:
    assert d.bench.get("/control/chat")["ding_online"] is False
    told = d.bench.say("xiaoli", "ding", "我的")
    assert (told["answered"], told["kind"]) == (False, "offline")
    assert "不在线" in d.shown(chat="ding")["content"]
    d.connect()
    state = d.bench.get("/phones/api/state", who="xiaoli")
    assert (state["ding_online"], state["ding_mode"]) == (True, "stream")


def test_conversations_of_dingtalk_stand_beside_those_of_wecom(d: Ding) -> None:
    d.create(d.card_for("dt-xiaoli"))
    state = d.bench.get("/phones/api/state", who="xiaoli")
    assert set(state["chats"]) == {"group", "app", "bot", "oa", "dgroup", "ding", "notice"}
    assert state["chats"]["ding"]["chat"] == "ding:xiaoli"
    assert (state["unread"]["ding"], state["last"]["ding"]) == (1, "[卡片] 超时未发货")
    assert d.bench.get("/phones/api/state", who="laowang")["unread"]["ding"] == 0
    d.bench.post("/phones/api/read", {"who": "xiaoli", "chat": "ding"})
    assert d.bench.get("/phones/api/state", who="xiaoli")["unread"]["ding"] == 0


def test_a_change_of_a_card_reaches_an_open_page_with_its_conversation(d: Ding) -> None:
    d.create(d.card())
    phones = d.phones
    version, _ = phones.changes("laowang", 0)
    d.update("t-1", done_text="好了")
    _, changed = phones.changes("laowang", version)
    assert [(one["phone"], one["kind"], one["body"]["done_text"]) for one in changed] == [
        ("dgroup", "ding_card", "好了")
    ]


@pytest.mark.parametrize(("chat", "why"), [("notice", "不能回复"), ("nowhere", "没有这个会话")])
def test_what_cannot_be_said_is_told_in_words(d: Ding, chat: str, why: str) -> None:
    assert why in d.bench.say("xiaoli", chat, "你好")["error"]


def test_opening_a_conversation_tells_the_robot_nothing(d: Ding) -> None:
    client = d.connect()
    assert d.bench.post("/phones/api/enter", {"who": "xiaoli", "chat": "ding"})["kind"] == "empty"
    assert all(one["type"] == "SYSTEM" for one in client.frames)


def test_a_new_day_forgets_cards_tokens_and_counts(d: Ding) -> None:
    token = d.token()
    d.create(d.card())
    d.control(robot_in_group=False, withhold=["Card.Instance.Write"])
    d.bench.new_day()
    assert d.call("PUT", "/v1.0/card/instances", {"outTrackId": "t-1"}, token=token).status_code == 400
    assert d.put("/v1.0/card/instances", {"outTrackId": "t-1"})["code"] == "param.cardNotExist"
    state = d.bench.get("/control/dingtalk")
    assert (state["cards"], state["quota"]["calls"], state["robot_in_group"]) == (0, 1, True)


@pytest.mark.parametrize("path", ["/v1.0/im/v1.0/robot/interactiveCards/send", "/v1.0/nothing"])
def test_an_interface_that_is_not_there_says_so_and_is_noted(d: Ding, path: str) -> None:
    answer = d.call("POST", path, {})
    assert (answer.status_code, answer.json()["code"]) == (404, "InvalidAction.NotFound")
    assert d.old("/user/get", {})["errcode"] == 22
    assert d.errors() == [f"no interface POST {path}", "no interface POST /user/get"]


def test_an_update_while_a_press_waits_is_counted(d: Ding) -> None:
    def update_first(frame: Json) -> tuple[int, Any]:
        d.update(done_text="抢先")
        return 200, None

    d.connect(update_first)
    d.create(d.card())
    assert d.press("laowang", "claim")["answered"] is True
    assert d.bench.get("/control/dingtalk")["hasty_updates"] == 1


def test_mistakes_of_the_hub_are_told_in_the_control_of_chats(d: Ding) -> None:
    d.create(d.card(cardData={"cardParamMap": {"title": "x", "colour": "red"}}))
    told = d.bench.get("/control/chat")["protocol_errors"]["dingtalk"]
    assert told == ["card: cardData.colour is no variable of the template"]
    assert d.errors() == told
