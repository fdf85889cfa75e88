"""The stand-in of the smart bot, long connection and callback URL, against wecom.md section 5."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.aibot import Aibot, aibot_of
from sandbox.wecom import wecom_of
from tests.sandbox import chat_samples as samples
from tests.sandbox.chat_hub import Bench, BotClient, Seen, bench, json_reply

Frame = dict[str, Any]
GROUP = "wrDEMO01"


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Iterator[Bench]:
    opened.new_day().switch(deadline_seconds=0.05)
    yield opened
    link = aibot_of(opened.state).link
    link.close()
    assert opened.chat.store.wait(lambda: not link.online(), 5)
    assert aibot_of(opened.state).protocol_errors == []


@pytest.fixture
def bot(b: Bench) -> BotClient:
    client = BotClient(b)
    assert client.subscribe(b)["errcode"] == 0
    return client


def respond(client: BotClient, body: Frame, number: int = 0) -> Frame:
    return client.ask("aibot_respond_msg", body, client.callback(number)["headers"]["req_id"])


def push(client: BotClient, body: Frame, chatid: str = GROUP, **more: Any) -> Frame:
    return client.ask("aibot_send_msg", {"chatid": chatid, **body, **more})


def markdown(content: str = "**好**") -> Frame:
    return {"msgtype": "markdown", "markdown": {"content": content}}


def card(body: Frame) -> Frame:
    return {"msgtype": "template_card", "template_card": body}


def stream(content: str, *, finish: bool = False, stream_id: str = "s1") -> Frame:
    return {"msgtype": "stream", "stream": {"id": stream_id, "finish": finish, "content": content}}


def update(task_id: str, **more: Any) -> Frame:
    changed = samples.button_interaction(task_id, replace_text="已认领")
    return {"response_type": "update_template_card", "template_card": changed} | more


def press(b: Bench, who: str, key: str = "claim", chat: str = "group", **more: Any) -> Frame:
    message = [one for one in b.shown(who, chat) if one["kind"] == "template_card"][-1]
    return b.post("/phones/api/press", {"who": who, "message_id": message["id"], "key": key} | more)


def texts(b: Bench, who: str = "xiaoli", chat: str = "group") -> list[str]:
    return [str(one["body"].get("content")) for one in b.shown(who, chat)]


def answering(b: Bench, answer: Callable[[Frame], tuple[str, Frame] | None]) -> tuple[BotClient, list[Frame]]:
    """A hub that answers each callback at once with (cmd, body)."""

    def on(frame: Frame) -> list[Frame]:
        found = answer(frame["body"])
        return [{"cmd": found[0], "headers": frame["headers"], "body": found[1]}] if found else []

    client = BotClient(b, on)
    client.subscribe(b)
    return client, client.callbacks


# long connection: who may connect


def test_a_wrong_secret_is_told_853000_and_stays_offline(b: Bench) -> None:
    client = BotClient(b)
    assert client.subscribe(b, secret="wrong")["errcode"] == 853000
    assert b.get("/control/chat")["online"] is False
    assert client.ask("aibot_send_msg", {"chatid": GROUP})["errcode"] == 40014


def test_a_ping_is_answered_with_its_req_id(bot: BotClient) -> None:
    assert bot.ask("ping", req_id="p-1") == {"headers": {"req_id": "p-1"}, "errcode": 0, "errmsg": "ok"}


def test_a_second_connection_takes_over_and_the_first_is_told_and_closed(b: Bench, bot: BotClient) -> None:
    second = BotClient(b)
    second.subscribe(b)
    told = bot.callback()
    assert told["cmd"] == "aibot_event_callback"
    assert told["body"]["event"] == {"eventtype": "disconnected_event"}
    assert bot.closed.wait(5)
    b.say("xiaoli", "group", "@订单助手 看板")
    assert second.callback()["body"]["text"]["content"] == "@订单助手 看板"
    assert b.get("/control/chat")["online"] is True


def test_what_was_missed_while_offline_is_not_sent_again(b: Bench) -> None:
    told = b.say("xiaoli", "group", "@订单助手 看板")
    assert (told["answered"], told["kind"]) == (False, "offline")
    assert "不在线" in texts(b)[-1]
    client = BotClient(b)
    client.subscribe(b)
    client.ask("ping")
    assert client.callbacks == []


def test_frames_out_of_protocol_are_refused_and_noted(b: Bench, bot: BotClient) -> None:
    bot._socket.send("no json")
    assert bot.ask("aibot_dance")["errcode"] == 40058
    aibot = aibot_of(b.state)
    assert len(aibot.protocol_errors) == 2
    aibot.protocol_errors.clear()


# long connection: messages


def test_the_bot_hears_the_group_only_when_it_is_mentioned(b: Bench, bot: BotClient) -> None:
    assert b.say("xiaoli", "group", "大家早")["kind"] == "not_mentioned"
    b.say("xiaoli", "group", "@订单助手 看板")
    frame = bot.callback()
    assert frame["cmd"] == "aibot_msg_callback"
    body = frame["body"]
    assert (body["chattype"], body["chatid"], body["aibotid"]) == ("group", GROUP, "AIB-DEMO")
    assert (body["from"], body["msgtype"]) == ({"userid": "xiaoli"}, "text")
    assert body["text"]["content"] == "@订单助手 看板"
    assert "response_url" not in body
    assert len(bot.callbacks) == 1


def test_a_single_chat_needs_no_mention_and_has_no_chatid(b: Bench, bot: BotClient) -> None:
    b.say("laowang", "bot", "我的")
    body = bot.callback()["body"]
    assert (body["chattype"], body["text"]["content"]) == ("single", "我的")
    assert "chatid" not in body


def test_an_answer_is_shown_and_measured(b: Bench) -> None:
    b.switch(deadline_seconds=5)
    answering(b, lambda body: ("aibot_respond_msg", markdown("# 看板")))
    told = b.say("xiaoli", "group", "@订单助手 看板")
    assert (told["answered"], told["kind"]) == (True, "markdown")
    assert told["answer"]["markdown"]["content"] == "# 看板"
    assert 0 <= told["ms"] < 5000
    last = b.shown("laowang", "group")[-1]
    assert (last["sender"]["kind"], last["body"]["content"]) == ("bot", "# 看板")
    assert last["quote"] == {"name": "小李", "text": "@订单助手 看板"}


def test_answers_are_taken_for_24_hours(b: Bench, bot: BotClient) -> None:
    b.say("xiaoli", "group", "@订单助手 看板")
    b.move(hours=23)
    assert respond(bot, markdown())["errcode"] == 0
    b.move(hours=2)
    assert respond(bot, markdown())["errcode"] == 846605
    assert bot.ask("aibot_respond_msg", markdown(), "never-seen")["errcode"] == 846605


def test_a_stream_replaces_its_text_until_it_is_finished(b: Bench, bot: BotClient) -> None:
    b.say("xiaoli", "group", "@订单助手 复盘")
    assert respond(bot, stream("正在算…"))["errcode"] == 0
    assert b.shown("xiaoli", "group")[-1]["body"] == {"content": "正在算…", "finish": False}
    assert respond(bot, stream("好了", finish=True))["errcode"] == 0
    assert texts(b) == ["@订单助手 复盘", "好了"]
    assert respond(bot, stream("再改"))["errcode"] == 846608


def test_a_stream_ends_after_six_minutes(b: Bench, bot: BotClient) -> None:
    b.say("xiaoli", "group", "@订单助手 复盘")
    respond(bot, stream("正在算…"))
    b.move(minutes=7)
    assert respond(bot, stream("好了", finish=True))["errcode"] == 846608
    assert respond(bot, markdown("算好了"))["errcode"] == 0


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "好"}}, 40008),
        (markdown("单" * 6827), 45002),
        (markdown(" "), 44004),
        (stream("单" * 6827), 45002),
        (stream("好", stream_id=""), 40058),
        (card({"card_type": "x"}), 40058),
    ],
)
def test_a_wrong_answer_is_refused_and_noted(b: Bench, bot: BotClient, body: Frame, errcode: int) -> None:
    b.say("xiaoli", "group", "@订单助手 看板")
    assert respond(bot, body)["errcode"] == errcode
    aibot = aibot_of(b.state)
    assert len(aibot.protocol_errors) == 1
    aibot.protocol_errors.clear()
    assert len(b.shown("xiaoli", "group")) == 1


def test_a_card_inside_a_stream_is_acknowledged_and_not_shown(b: Bench, bot: BotClient) -> None:
    b.say("xiaoli", "group", "@订单助手 看板")
    both = stream("看", finish=True) | {"msgtype": "stream_with_template_card", "template_card": samples.text_notice()}
    assert respond(bot, both)["errcode"] == 0
    assert "template_card" not in b.shown("xiaoli", "group")[-1]["body"]
    assert "not shown" in aibot_of(b.state).remarks[-1]


@pytest.mark.parametrize("sample", samples.ALL, ids=lambda sample: sample.__name__)
def test_every_kind_of_card_can_be_an_answer(b: Bench, bot: BotClient, sample: Any) -> None:
    b.say("xiaoli", "group", "@订单助手 看板")
    assert respond(bot, card(sample()))["errcode"] == 0
    assert b.shown("zhaojie", "group")[-1]["body"]["card_type"] == sample.__name__


# long connection: welcome


def test_the_first_entry_of_a_day_can_be_welcomed_within_seconds(b: Bench) -> None:
    b.switch(deadline_seconds=5)
    welcome = {"msgtype": "text", "text": {"content": "你好，发「帮助」看看"}}
    _, callbacks = answering(b, lambda body: ("aibot_respond_welcome_msg", welcome))
    enter = {"who": "xiaoli", "chat": "bot"}
    assert b.post("/phones/api/enter", enter)["kind"] == "text"
    assert callbacks[0]["body"]["event"] == {"eventtype": "enter_chat"}
    assert texts(b, chat="bot") == ["你好，发「帮助」看看"]
    assert b.post("/phones/api/enter", enter)["kind"] == "not_first"
    b.move(days=1)
    assert b.post("/phones/api/enter", enter)["kind"] == "text"


def test_a_welcome_is_no_stream_and_not_late(b: Bench, bot: BotClient) -> None:
    b.post("/phones/api/enter", {"who": "xiaoli", "chat": "bot"})
    req_id = bot.callback()["headers"]["req_id"]
    assert bot.ask("aibot_respond_msg", stream("你好"), req_id)["errcode"] == 846605
    b.move(seconds=6)
    late = {"msgtype": "text", "text": {"content": "你好"}}
    assert bot.ask("aibot_respond_welcome_msg", late, req_id)["errcode"] == 846605


# long connection: presses


@pytest.fixture
def carded(b: Bench, bot: BotClient) -> BotClient:
    b.say("xiaoli", "group", "@订单助手 看板")
    assert push(bot, card(samples.button_interaction("case-1-v1")))["errcode"] == 0
    return bot


def test_a_press_in_the_group_is_an_event_with_the_choices(b: Bench, carded: BotClient) -> None:
    press(b, "laowang", selected={"courier": ["sf"]})
    frame = carded.callback(1)
    body = frame["body"]
    assert frame["cmd"] == "aibot_event_callback"
    assert (body["from"]["userid"], body["chattype"], body["chatid"]) == ("laowang", "group", GROUP)
    assert body["event"] == {
        "eventtype": "template_card_event",
        "template_card_event": {
            "card_type": "button_interaction",
            "event_key": "claim",
            "task_id": "case-1-v1",
            "selected_items": {"selected_item": [{"question_key": "courier", "option_ids": {"option_id": ["sf"]}}]},
        },
    }


def test_the_corner_menu_is_the_same_event_without_choices(b: Bench, carded: BotClient) -> None:
    press(b, "laowang", key="mute")
    event = carded.callback(1)["body"]["event"]["template_card_event"]
    assert event == {"card_type": "button_interaction", "event_key": "mute", "task_id": "case-1-v1"}


def test_an_update_in_time_changes_everybodys_copy(b: Bench) -> None:
    b.switch(deadline_seconds=5)
    answering(b, lambda body: ("aibot_respond_update_msg", update("case-1-v1")) if body["msgtype"] == "event" else None)
    b.switch(deadline_seconds=0.05)
    b.say("xiaoli", "group", "@订单助手 看板")
    aibot_of(b.state).post("group", "template_card", samples.button_interaction("case-1-v1"))
    b.switch(deadline_seconds=5)
    told = press(b, "laowang")
    assert (told["answered"], told["kind"], told["why"]) == (True, "update_template_card", "")
    assert {b.shown(who, "group")[-1]["body"].get("replace_text") for who in ("xiaoli", "laowang")} == {"已认领"}
    assert "处理过" in press(b, "xiaoli")["error"]


def test_userids_change_only_their_own_copies(b: Bench, carded: BotClient) -> None:
    b.switch(deadline_seconds=5)
    told: list[Frame] = []
    thread = threading.Thread(target=lambda: told.append(press(b, "laowang")))
    thread.start()
    req_id = carded.callback(1)["headers"]["req_id"]
    assert carded.ask("aibot_respond_update_msg", update("case-1-v1", userids=["laowang"]), req_id)["errcode"] == 0
    thread.join()
    assert b.shown("laowang", "group")[-1]["body"]["replace_text"] == "已认领"
    assert "replace_text" not in b.shown("xiaoli", "group")[-1]["body"]
    assert carded.ask("aibot_respond_update_msg", update("case-1-v1"), req_id)["errcode"] == 846605


def test_an_update_must_come_in_time_and_to_a_press(b: Bench, carded: BotClient) -> None:
    b.switch(deadline_seconds=5)
    thread = threading.Thread(target=lambda: press(b, "laowang"))
    thread.start()
    req_id = carded.callback(1)["headers"]["req_id"]
    b.move(seconds=6)
    assert carded.ask("aibot_respond_update_msg", update("case-1-v1"), req_id)["errcode"] == 846605
    said = carded.callback(0)["headers"]["req_id"]
    assert carded.ask("aibot_respond_update_msg", update("case-1-v1"), said)["errcode"] == 846605
    b.move(seconds=-6)
    assert carded.ask("aibot_respond_update_msg", update("case-1-v1"), req_id)["errcode"] == 0
    thread.join()


def test_an_update_must_keep_the_task_id(b: Bench, carded: BotClient) -> None:
    b.switch(deadline_seconds=5)
    thread = threading.Thread(target=lambda: press(b, "laowang"))
    thread.start()
    req_id = carded.callback(1)["headers"]["req_id"]
    assert carded.ask("aibot_respond_update_msg", update("case-1-v2"), req_id)["errcode"] == 40058
    assert carded.ask("aibot_respond_update_msg", markdown(), req_id)["errcode"] == 40008
    assert carded.ask("aibot_respond_update_msg", update("case-1-v1"), req_id)["errcode"] == 0
    thread.join()
    aibot_of(b.state).protocol_errors.clear()


def test_a_press_nobody_answers_is_silent_and_not_repeated(b: Bench, carded: BotClient) -> None:
    told = press(b, "laowang")
    assert (told["answered"], told["why"]) == (False, "timeout")
    carded.ask("ping")
    assert len(carded.callbacks) == 2


def test_a_press_that_cannot_be_made_says_why(b: Bench, carded: BotClient) -> None:
    assert "没有这个按钮" in press(b, "laowang", key="nothing")["error"]
    assert "没有这个选项" in press(b, "laowang", selected={"courier": ["yto"]})["error"]
    assert "只能选一项" in press(b, "laowang", selected={"courier": ["sf", "zto"]})["error"]
    assert "没有这个问题" in press(b, "laowang", selected={"colour": ["red"]})["error"]
    assert "没有这个人" in b.post("/phones/api/press", {"who": "ghost"})["error"]
    push(carded, card(samples.vote_interaction()))
    assert "请先选择" in press(b, "laowang", key="submit_lines", selected={"lines": []})["error"]


# long connection: pushes


def test_a_push_needs_somebody_who_talked_there_before(b: Bench, bot: BotClient) -> None:
    assert push(bot, markdown())["errcode"] == 86003
    assert push(bot, markdown(), chatid="laowang")["errcode"] == 86003
    assert push(bot, markdown(), chatid="ghost")["errcode"] == 40050
    b.say("laowang", "bot", "我的")
    assert push(bot, markdown(), chatid="laowang", chat_type=2)["errcode"] == 40050
    assert push(bot, markdown(), chatid="laowang", chat_type=1)["errcode"] == 0
    assert push(bot, markdown())["errcode"] == 86003
    b.say("xiaoli", "group", "@订单助手 看板")
    assert push(bot, markdown(), chat_type=2)["errcode"] == 0


def test_cards_into_groups_can_be_forbidden(b: Bench, carded: BotClient) -> None:
    b.switch(group_card_push=False)
    assert push(carded, card(samples.button_interaction("case-2")))["errcode"] == 40008
    b.say("laowang", "bot", "我的")
    assert push(carded, card(samples.button_interaction("case-2")), chatid="laowang")["errcode"] == 0
    assert push(carded, markdown())["errcode"] == 0
    aibot_of(b.state).protocol_errors.clear()


def test_a_pushed_card_needs_its_own_task_id(b: Bench, carded: BotClient) -> None:
    assert push(carded, card(samples.button_interaction("case-1-v1")))["errcode"] == 40058
    aibot_of(b.state).protocol_errors.clear()


def test_30_messages_a_minute_fit_into_one_chat(b: Bench, bot: BotClient) -> None:
    b.say("xiaoli", "group", "@订单助手 看板")
    codes = [push(bot, markdown())["errcode"] for _ in range(31)]
    assert codes == [0] * 30 + [45009]
    b.move(seconds=61)
    assert push(bot, markdown())["errcode"] == 0


def test_a_picture_is_uploaded_in_chunks_and_sent(b: Bench, bot: BotClient) -> None:
    b.say("xiaoli", "group", "@订单助手 看板")
    content = b"\x89PNG" + b"x" * 20
    init = {"type": "image", "filename": "board.png", "total_size": 24, "total_chunks": 2}
    upload = {
        "upload_id": bot.ask("aibot_upload_media_init", init | {"md5": hashlib.md5(content).hexdigest()})["body"][
            "upload_id"
        ]
    }
    for index, part in enumerate((content[:12], content[12:])):
        chunk = {"chunk_index": index, "base64_data": base64.b64encode(part).decode()}
        assert bot.ask("aibot_upload_media_chunk", upload | chunk)["errcode"] == 0
    media_id = bot.ask("aibot_upload_media_finish", upload)["body"]["media_id"]
    assert push(bot, {"msgtype": "image", "image": {"media_id": media_id}})["errcode"] == 0
    assert b.shown("xiaoli", "group")[-1]["body"]["name"] == "board.png"


@pytest.mark.parametrize(
    ("init", "errcode"),
    [
        ({"type": "song"}, 40004),
        ({"filename": ""}, 40058),
        ({"filename": "长" * 86}, 40058),
        ({"total_size": 3}, 40006),
        ({"total_size": 3 << 20}, 45001),
        ({"total_chunks": 101}, 40058),
    ],
)
def test_a_wrong_upload_is_refused(b: Bench, bot: BotClient, init: Frame, errcode: int) -> None:
    good = {"type": "image", "filename": "a.png", "total_size": 24, "total_chunks": 1}
    assert bot.ask("aibot_upload_media_init", good | init)["errcode"] == errcode
    aibot_of(b.state).protocol_errors.clear()


def test_an_upload_with_a_missing_chunk_is_not_finished(b: Bench, bot: BotClient) -> None:
    init = {"type": "file", "filename": "a.txt", "total_size": 24, "total_chunks": 2}
    upload = bot.ask("aibot_upload_media_init", init)["body"]
    assert bot.ask("aibot_upload_media_finish", upload)["errcode"] == 40006
    b.move(minutes=31)
    assert bot.ask("aibot_upload_media_finish", upload)["errcode"] == 40058
    aibot_of(b.state).protocol_errors.clear()


# long connection: the nasty side


def test_a_doubled_callback_has_the_same_msgid_and_another_req_id(b: Bench, bot: BotClient) -> None:
    b.switch(duplicate_callbacks=1)
    b.say("xiaoli", "group", "@订单助手 看板")
    first, second = bot.callback(0), bot.callback(1)
    assert first["body"] == second["body"]
    assert first["headers"] != second["headers"]


def test_callbacks_of_the_long_connection_can_be_lost(b: Bench, bot: BotClient) -> None:
    b.switch(drop_callbacks=1)
    assert b.say("xiaoli", "group", "@订单助手 一")["why"] == "dropped"
    b.switch(hub_unreachable=1)
    assert b.say("xiaoli", "group", "@订单助手 二")["why"] == "unreachable"
    bot.ask("ping")
    assert bot.callbacks == []


def test_userids_can_come_encrypted(b: Bench, bot: BotClient) -> None:
    b.switch(encrypted_userids=True)
    b.say("xiaoli", "bot", "我的")
    open_id = bot.callback()["body"]["from"]["userid"]
    assert open_id == wecom_of(b.state).open_id("xiaoli")
    assert push(bot, markdown(), chatid=open_id)["errcode"] == 0


def test_the_supervisor_greets_once_when_the_bot_comes_online() -> None:
    with bench(greeting=True) as b:
        b.switch(deadline_seconds=0.05)
        client = BotClient(b)
        client.subscribe(b)
        body = client.callback()["body"]
        assert (body["from"]["userid"], body["text"]["content"]) == ("chenjie", "@订单助手 帮助")
        client.close()
        again = BotClient(b)
        again.subscribe(b)
        b.chat.settle()
        again.ask("ping")
        assert again.callbacks == []
        assert push(again, card(samples.button_interaction("case-1")))["errcode"] == 0


# callback URL


@pytest.fixture(scope="module")
def hooked() -> Iterator[Bench]:
    with bench(bot={"mode": "callback"}) as found:
        yield found


@pytest.fixture
def c(hooked: Bench) -> Iterator[Bench]:
    hooked.new_day().switch(refresh_seconds=0.01)
    yield hooked
    hooked.chat.settle()
    assert aibot_of(hooked.state).protocol_errors == []


@pytest.fixture
def aibot(c: Bench) -> Aibot:
    return aibot_of(c.state)


def always(c: Bench, body: Frame) -> None:
    crypto = aibot_of(c.state).hook.crypto
    c.hub.answer = lambda seen: json_reply(crypto, seen, body)


def heard(c: Bench, number: int = -1) -> Frame:
    return c.hub.seen[number].json(aibot_of(c.state).hook.crypto)


def test_a_message_comes_as_encrypted_json_with_an_empty_receiver(c: Bench) -> None:
    told = c.say("xiaoli", "group", "@订单助手 看板")
    body = heard(c)
    assert c.hub.seen[0].path == "/wecom/bot"
    assert list(json.loads(c.hub.seen[0].body)) == ["encrypt"]
    assert (body["chatid"], body["text"]["content"]) == (GROUP, "@订单助手 看板")
    assert body["response_url"].startswith(c.base + "/aibot/response?")
    assert (told["answered"], told["kind"]) == (True, "empty")
    assert c.say("xiaoli", "group", "大家早")["kind"] == "not_mentioned"
    assert len(c.hub.seen) == 1


def test_a_message_is_answered_by_a_card_or_a_finished_stream(c: Bench) -> None:
    always(c, stream("好", finish=True))
    assert c.say("xiaoli", "group", "@订单助手 看板")["kind"] == "stream"
    always(c, card(samples.button_interaction()))
    assert c.say("xiaoli", "bot", "看板")["kind"] == "template_card"
    assert texts(c) == ["@订单助手 看板", "好"]
    assert c.shown("xiaoli", "bot")[-1]["body"]["task_id"] == "case-1-v1"


def test_an_unfinished_stream_is_asked_again_until_it_ends_with_a_card(c: Bench, aibot: Aibot) -> None:
    def answer(seen: Seen) -> bytes:
        body = seen.json(aibot.hook.crypto)
        if body["msgtype"] == "text":
            return json_reply(aibot.hook.crypto, seen, stream("正在算…"))
        assert body["stream"] == {"id": "s1"}
        assert "text" not in body
        if len(c.hub.seen) < 4:
            return b""
        last = stream("好了", finish=True) | {"template_card": samples.button_interaction("case-7")}
        return json_reply(aibot.hook.crypto, seen, last | {"msgtype": "stream_with_template_card"})

    c.hub.answer = answer
    c.say("xiaoli", "group", "@订单助手 复盘")
    c.chat.settle()
    last = c.shown("laowang", "group")[-1]
    assert last["body"]["content"] == "好了"
    assert last["body"]["template_card"]["task_id"] == "case-7"
    assert len(c.hub.seen) == 4
    always(c, update("case-7"))
    assert c.post("/phones/api/press", {"who": "laowang", "message_id": last["id"], "key": "claim"})["answered"]
    assert c.shown("xiaoli", "group")[-1]["body"]["template_card"]["replace_text"] == "已认领"


def test_three_messages_of_a_person_wait_for_their_end_and_no_more(c: Bench, aibot: Aibot) -> None:
    over = threading.Event()

    def answer(seen: Seen) -> bytes:
        body = seen.json(aibot.hook.crypto)
        stream_id = body["stream"]["id"] if body["msgtype"] == "stream" else body["msgid"]
        return json_reply(aibot.hook.crypto, seen, stream("在算", finish=over.is_set(), stream_id=stream_id))

    c.hub.answer = answer
    kinds = [c.say("xiaoli", "bot", "复盘")["kind"] for _ in range(4)]
    assert kinds == ["stream", "stream", "stream", "busy"]
    assert c.say("laowang", "bot", "复盘")["kind"] == "stream"
    assert "请稍后" in c.shown("xiaoli", "bot")[-1]["body"]["content"]
    over.set()
    c.chat.settle()
    assert c.say("xiaoli", "bot", "复盘")["kind"] == "stream"


def test_what_people_think_of_an_answer_takes_no_answer(c: Bench, aibot: Aibot) -> None:
    told = stream("好", finish=True)
    always(c, told | {"stream": told["stream"] | {"feedback": {"id": "f-1"}}})
    c.say("xiaoli", "bot", "看板")
    message = c.chat.store.in_chat("bot:xiaoli")[-1]
    c.hub.answer = lambda seen: b""
    assert aibot.judge("xiaoli", message, 1).kind == "empty"
    assert heard(c)["event"]["feedback_event"] == {"id": "f-1", "type": 1, "content": ""}
    always(c, {"msgtype": "text", "text": {"content": "谢谢"}})
    assert aibot.judge("xiaoli", message, 2).kind == "protocol_error"
    assert "no answer" in aibot.protocol_errors.pop()


def test_refreshes_stop_six_minutes_after_the_message(c: Bench, aibot: Aibot) -> None:
    c.hub.answer = lambda seen: json_reply(aibot.hook.crypto, seen, stream("还在算…"))
    c.say("xiaoli", "group", "@订单助手 复盘")
    c.move(minutes=7)
    c.chat.settle()
    aibot.protocol_errors.clear()  # one refresh may have been under way when the time ran out
    assert not c.shown("xiaoli", "group")[-1]["body"]["finish"]


def test_only_the_replies_of_the_sheet_are_allowed(c: Bench, aibot: Aibot) -> None:
    text = {"msgtype": "text", "text": {"content": "好"}}
    always(c, text)
    assert c.say("xiaoli", "group", "@订单助手 看板")["kind"] == "protocol_error"
    assert c.post("/phones/api/enter", {"who": "xiaoli", "chat": "bot"})["kind"] == "text"
    always(c, markdown())
    assert c.say("xiaoli", "group", "@订单助手 看板")["kind"] == "protocol_error"
    always(c, stream("好", stream_id=""))
    assert c.say("xiaoli", "group", "@订单助手 看板")["kind"] == "protocol_error"
    assert len(aibot.protocol_errors) == 3
    aibot.protocol_errors.clear()


@pytest.mark.parametrize(
    "changes",
    [{"timestamp": "1735689601"}, {"nonce": "another"}, {"msgsignature": "0" * 40}, {"encrypt": "AAAA"}],
)
def test_a_reply_with_a_wrong_envelope_is_noted(c: Bench, aibot: Aibot, changes: Frame) -> None:
    c.hub.answer = lambda seen: json_reply(aibot.hook.crypto, seen, stream("好", finish=True), **changes)
    assert c.say("xiaoli", "group", "@订单助手 看板")["kind"] == "protocol_error"
    aibot.protocol_errors.clear()
    c.hub.answer = lambda seen: b"not json"
    assert c.say("xiaoli", "group", "@订单助手 看板")["kind"] == "protocol_error"
    aibot.protocol_errors.clear()


def test_a_press_is_sent_once_and_answered_by_an_update(c: Bench, aibot: Aibot) -> None:
    always(c, card(samples.button_interaction()))
    c.say("xiaoli", "group", "@订单助手 看板")
    c.hub.answer = lambda seen: 500
    told = press(c, "laowang")
    assert (told["answered"], told["tries"]) == (False, 1)
    always(c, update("case-1-v1", userids=["laowang"]))
    assert press(c, "laowang")["kind"] == "update_template_card"
    assert heard(c)["event"]["template_card_event"]["event_key"] == "claim"
    assert "replace_text" not in c.shown("xiaoli", "group")[-1]["body"]
    always(c, update("case-other"))
    assert press(c, "xiaoli")["kind"] == "protocol_error"
    aibot.protocol_errors.clear()


def test_a_response_url_works_once_within_the_hour(c: Bench) -> None:
    c.say("xiaoli", "group", "@订单助手 看板")
    path = heard(c)["response_url"].removeprefix(c.base)
    assert c.post(path, {"msgtype": "text", "text": {"content": "x"}})["errcode"] == 40008
    assert c.post(path, update("case-1"))["errcode"] == 40008
    assert c.post(path, markdown("晚到的答复"))["errcode"] == 0
    assert c.post(path, markdown("再来"))["errcode"] == 40058
    last = c.shown("xiaoli", "group")[-1]
    assert (last["body"]["content"], last["quote"]["name"]) == ("晚到的答复", "小李")
    c.say("xiaoli", "group", "@订单助手 看板")
    late = heard(c)["response_url"].removeprefix(c.base)
    c.move(minutes=61)
    assert c.post(late, markdown())["errcode"] == 40058


def test_the_long_connection_is_closed_to_a_bot_in_callback_mode(c: Bench) -> None:
    client = BotClient(c)
    assert client.subscribe(c)["errcode"] == 853000


def test_the_url_check_and_then_the_greeting_happen_by_themselves() -> None:
    with bench(greeting=True, bot={"mode": "callback"}) as b:
        aibot = aibot_of(b.state)
        b.hub.answer = lambda seen: (
            aibot.hook.crypto.open(seen.sealed(seen.query["echostr"])) if seen.method == "GET" else b""
        )
        b.chat.settle()
        assert heard(b)["text"]["content"] == "@订单助手 帮助"
        assert aibot.verify_url() == ""
