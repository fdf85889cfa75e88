"""What people say and send to the robot, as the hub hears it (dingtalk.md 1.3)."""

from __future__ import annotations

import requests

from tests.sandbox.ding_hub import GROUP, KEY, Ding


def test_a_single_chat_needs_no_mention(d: Ding) -> None:
    client = d.connect()
    d.bench.say("laowang", "ding", "我的")
    body = client.said()
    assert (body["conversationType"], body["text"]) == ("1", {"content": "我的"})
    assert not {"conversationTitle", "isInAtList", "atUsers"} & body.keys()
    assert body["conversationId"] not in {"", GROUP}
    assert (body["senderNick"], body["isAdmin"], body["senderCorpId"]) == ("老王", False, "dingdemo0000000001")


def test_who_is_mentioned_beside_the_robot_is_told(d: Ding) -> None:
    client = d.connect()
    d.bench.say("chenjie", "dgroup", "@订单助手 指派 A7F2 @老王")
    body = client.said()
    assert body["text"]["content"] == " 指派 A7F2 @老王"
    assert [one.get("staffId") for one in body["atUsers"]] == [None, "dt-laowang"]
    assert body["atUsers"][0]["dingtalkId"] == body["chatbotUserId"]
    assert (body["conversationTitle"], body["isAdmin"]) == ("青禾订单群（钉钉）", True)


def test_every_message_has_its_own_id_and_the_senders_sealed_id_is_no_user_id(d: Ding) -> None:
    client = d.connect()
    for words in ("一", "二"):
        d.bench.say("xiaoli", "ding", words)
    first, second = client.said(0), client.said(1)
    assert first["msgId"] != second["msgId"]
    assert first["senderId"] == second["senderId"] != "dt-xiaoli"
    assert first["createAt"] == int(d.bench.state.clock.epoch() * 1000)


def test_before_its_publication_the_robot_is_not_told_who_speaks(d: Ding) -> None:
    d.switch(unpublished=1)
    client = d.connect()
    d.bench.say("xiaoli", "ding", "我的")
    assert not {"senderStaffId", "isAdmin"} & client.said().keys()


def test_a_reply_carries_what_it_replies_to(d: Ding) -> None:
    client = d.connect()
    d.create(d.card(cardData={"cardParamMap": {"title": "超时未发货", "code": "A7F2"}}))
    card = d.bench.shown("xiaoli", "dgroup")[-1]["id"]
    d.bench.post("/phones/api/say", {"who": "xiaoli", "chat": "dgroup", "text": "@订单助手 完成", "quote": card})
    text = client.said()["text"]
    assert (text["content"], text["isReplyMsg"], text["repliedMsg"]["msgType"]) == (" 完成", True, "interactiveCard")
    texts = [one["value"] for one in text["repliedMsg"]["content"]["cardContent"]["children"]]
    assert texts == ["超时未发货", "A7F2"]
    d.bench.say("laowang", "ding", "A7F2 在吗")
    said = d.bench.shown("laowang", "ding")[-1]["id"]
    d.bench.post("/phones/api/say", {"who": "laowang", "chat": "ding", "text": "就这个", "quote": said})
    assert client.said(2)["text"]["repliedMsg"]["content"] == {"content": "A7F2 在吗"}
    assert client.said(2)["originalMsgId"] == client.said(1)["msgId"]


def test_a_picture_and_a_voice_message_are_told_in_their_own_way(d: Ding) -> None:
    client = d.connect()
    d.phones.send_file("xiaoli", "ding", "照片.jpg", b"\xff\xd8\xff0")
    d.phones.dingtalk.talk.say_aloud("xiaoli", "查 王五 的单", 2.5)
    picture, voice = client.said(0), client.said(1)
    assert (picture["msgtype"], list(picture["content"])) == ("picture", ["downloadCode"])
    assert (voice["msgtype"], voice["content"]["recognition"], voice["content"]["duration"]) == (
        "audio",
        "查 王五 的单",
        2500,
    )


def test_a_file_in_the_group_is_not_shown_to_the_robot(d: Ding) -> None:
    d.connect()
    assert d.phones.send_file("xiaoli", "dgroup", "补单.xlsx", b"PK0000").kind == "not_mentioned"
    assert d.bench.shown("laowang", "dgroup")[-1]["body"]["name"] == "补单.xlsx"


def reply(url: str, content: str) -> dict[str, object]:
    body = {"msgtype": "text", "text": {"content": content}}
    told: dict[str, object] = requests.post(url, json=body, timeout=5).json()
    return told


def test_the_reply_address_of_a_message_holds_ninety_minutes(d: Ding) -> None:
    client = d.connect()
    d.bench.say("xiaoli", "ding", "我的")
    body = client.said()
    assert body["sessionWebhookExpiredTime"] == body["createAt"] + 90 * 60 * 1000
    assert reply(body["sessionWebhook"], "这是答复")["errcode"] == 0
    assert d.shown(chat="ding")["content"] == "这是答复"
    assert d.bench.shown("xiaoli", "ding")[-1]["sender"]["kind"] == "ding"
    d.bench.move(minutes=91)
    assert reply(body["sessionWebhook"], "太晚")["errcode"] == 300001
    assert d.quota()["stream_by_kind"] == {"robot message": 1, "session webhook": 1}


def test_the_reply_address_belongs_to_its_conversation_and_mentions_people(d: Ding) -> None:
    client = d.connect()
    d.bench.say("xiaoli", "dgroup", "@订单助手 看板")
    url = client.said()["sessionWebhook"]
    at = {"atUserIds": ["dt-xiaoli", "dt-laowang"]}
    body = {"msgtype": "markdown", "markdown": {"title": "看板", "text": "@dt-xiaoli **12** 单"}, "at": at}
    assert requests.post(url, json=body, timeout=5).json()["errcode"] == 0
    shown = d.shown()
    assert (shown["title"], shown["at"]) == ("看板", ["xiaoli"])
    assert d.part.remarks == ["webhook: dt-laowang stands in at and not as @dt-laowang in the text: nobody is notified"]


def test_the_reply_address_is_held_to_twenty_a_minute(d: Ding) -> None:
    client = d.connect()
    d.bench.say("xiaoli", "ding", "我的")
    url = client.said()["sessionWebhook"]
    assert [reply(url, str(number))["errcode"] for number in range(21)] == [0] * 20 + [410100]
    d.bench.move(seconds=61)
    assert reply(url, "又可以")["errcode"] == 0


def test_the_robot_code_of_a_message_is_the_applications_key(d: Ding) -> None:
    client = d.connect()
    d.bench.say("xiaoli", "ding", "我的")
    assert client.said()["robotCode"] == KEY == d.settings.app_key
