from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.dingtalk import keys, parse
from bot.crypto import BadEnvelope
from bot.payload import Payload
from config_chat import DingTalk
from handlers.incoming import Attached, Press
from tests.bot.samples import KEY, NOW

Body = dict[str, Any]
ROBOT = DingTalk(corpid="dingcorp1", app_key="k", app_secret="s", name="订单助手")
KEYS = (KEY,)
SHORT = keys.shorten(Payload("claim", "case:12", 3).pack(KEY), "minutes")


def group(**inside: Any) -> Body:
    """A message in a group, with the fields that it has there."""
    return {
        "msgId": "msgAAA==", "conversationId": "cidGROUP01==", "conversationType": "2", "conversationTitle": "午餐群",
        "senderId": "$:LWCP_v1:$aaa", "senderStaffId": "u1001", "senderNick": "张三", "createAt": 1700000000000,
        "isInAtList": True, "atUsers": [{"dingtalkId": "$:LWCP_v1:$bot"}], "robotCode": "k",
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=x",
        "sessionWebhookExpiredTime": 1700005400000, "msgtype": "text", **inside,
    }  # fmt: skip


def text_of(body: Body) -> str:
    return parse.said(body, ROBOT, NOW).incoming.text


def test_a_message_in_a_group() -> None:
    found = parse.said(group(text={"content": " 查 001 "}), ROBOT, NOW)
    incoming = found.incoming
    assert (incoming.text, incoming.sender, incoming.chat, incoming.is_group) == (
        "查 001",
        "u1001",
        "cidGROUP01==",
        True,
    )
    assert incoming.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert found.reply.endswith("session=x")
    assert found.reply_until == datetime(2023, 11, 14, 23, 43, 20, tzinfo=UTC)
    assert not found.plain


def test_a_message_to_the_robot_alone() -> None:
    body = group(conversationType="1", text={"content": "@订单助手\u2005看板"}, createAt="1700000000000")
    incoming = parse.said(body, ROBOT, NOW).incoming
    assert (incoming.text, incoming.chat, incoming.is_group) == ("看板", "u1001", False)
    assert incoming.at.year == 2023, "documented as a text, shown as a number"


@pytest.mark.parametrize("said", [" 看板 ", "@订单助手 看板", "看板 @订单助手", "@订单助手\u2005看板", "\u00a0看板"])
def test_the_robots_own_mention_is_no_part_of_the_words(said: str) -> None:
    assert text_of(group(text={"content": said})) == "看板"


def test_another_persons_mention_is_kept_in_a_group_and_dropped_from_a_copied_line() -> None:
    assert text_of(group(text={"content": " @老王 指派 001"})) == "@老王 指派 001"
    assert text_of(group(conversationType="1", text={"content": "@小助手 看板"})) == "看板"


def test_rich_text_and_what_was_heard() -> None:
    parts = [{"text": "查 "}, {"type": "picture", "downloadCode": "x"}, {"text": "001"}, 7, {"text": 5}]
    assert text_of(group(msgtype="richText", content={"richText": parts})) == "查  001"
    heard = {"downloadCode": "x", "duration": 3000, "recognition": "帮我查一下京东零零一。"}
    assert text_of(group(msgtype="audio", content=heard)) == "帮我查一下京东零零一。"


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("picture", {}, parse.PICTURE),
        ("video", {"downloadCode": "x", "duration": 1}, parse.PICTURE),
        ("richText", {"richText": [{"type": "picture"}]}, parse.PICTURE),
        ("audio", {"downloadCode": "x", "recognition": ""}, parse.UNHEARD),
        ("unknownMsgType", {"unknownMsgType": "不支持的消息"}, parse.UNKNOWN),
        ("interactiveCard", {"biz_custom_action_url": "x"}, parse.UNKNOWN),
        ("file", {"fileName": "a.xlsx"}, parse.UNKNOWN),
    ],
)
def test_what_cannot_be_understood_gets_a_plain_sentence(kind: str, content: Body, said: str) -> None:
    assert parse.said(group(msgtype=kind, content=content), ROBOT, NOW).plain == said


@pytest.mark.parametrize(
    ("kind", "content", "text", "codes"),
    [
        ("picture", {"downloadCode": "x"}, "", ["x"]),
        ("richText", {"richText": [{"type": "picture", "downloadCode": "x"}]}, "", ["x"]),
        (
            "richText",
            {"richText": [{"text": "登记 001 少件"}, *({"type": "picture", "downloadCode": code} for code in "xy")]},
            "登记 001 少件", ["x", "y"],
        ),
    ],
)  # fmt: skip
def test_pictures_are_fetched_by_their_codes(kind: str, content: Body, text: str, codes: list[str]) -> None:
    found = parse.said(group(msgtype=kind, content=content), ROBOT, NOW)
    assert (found.incoming.text, found.plain) == (text, "")
    assert found.incoming.pictures == tuple(Attached(f"dingtalk:{code}", "") for code in codes)


def test_a_file_is_fetched_by_its_code() -> None:
    body = group(msgtype="file", content={"downloadCode": "c/+=", "fileName": "订单\x07.xlsx", "spaceId": "1"})
    found = parse.said(body, ROBOT, NOW)
    assert found.incoming.file == Attached("dingtalk:c/+=", "", "订单.xlsx")
    assert not found.plain


@pytest.mark.parametrize("names", [("errorCode", "errorMessage"), ("errCode", "errMsg")])
def test_a_month_that_is_used_up_comes_without_a_body(names: tuple[str, str]) -> None:
    body = group(**{names[0]: 20001, names[1]: "额度已用完"})
    found = parse.said(body, ROBOT, NOW)
    assert found.plain == parse.NO_QUOTA
    del body["msgtype"]
    assert parse.said(body, ROBOT, NOW).plain == parse.NO_QUOTA


def test_whoever_has_no_account_is_told_why() -> None:
    body = group(text={"content": "看板"})
    del body["senderStaffId"]
    found = parse.said(body, ROBOT, NOW)
    assert found.plain == parse.NO_ACCOUNT
    assert found.incoming.sender == ""


def test_a_quoted_text_and_the_words_of_a_quoted_card() -> None:
    plain = {"isReplyMsg": True, "repliedMsg": {"msgType": "text", "content": {"text": "TB-20251222-001 超时"}}}
    found = parse.said(group(text={"content": "查", **plain}), ROBOT, NOW)
    assert found.incoming.quoted == "TB-20251222-001 超时"
    tree = {"elementType": "ROOT", "children": [{"elementType": "TEXT", "value": "缺区县"}, {"value": "编号 A7F2"}]}
    card = {"isReplyMsg": True, "repliedMsg": {"msgType": "interactiveCard", "content": {"cardContent": tree}}}
    body = group(text={"content": "完成", **card}, originalProcessQueryKey="carrier==")
    found = parse.said(body, ROBOT, NOW)
    assert found.incoming.quoted == "缺区县\n编号 A7F2"
    assert found.quoted_id == "carrier=="


@pytest.mark.parametrize("gone", ["msgId", "conversationId"])
def test_a_message_that_nobody_can_tell_from_another_is_refused(gone: str) -> None:
    body = group(text={"content": "看板"})
    del body[gone]
    with pytest.raises(BadEnvelope):
        parse.said(body, ROBOT, NOW)
    for odd in (b"", b"[]", b"{", b"\xff", b'"text"'):
        with pytest.raises(BadEnvelope):
            parse.tree_of(odd)


# presses


def press(content: Any, **more: Any) -> Body:
    return {
        "type": "actionCallback", "outTrackId": "case-12-r3-n1", "corpId": "dingcorp1", "userId": "u1002",
        "userIdType": 1, "spaceType": "im", "spaceId": "cidGROUP01==", "extension": "{}",
        "content": content if isinstance(content, str) else json.dumps(content), **more,
    }  # fmt: skip


def inner(params: Any = None, ids: Any = None) -> Body:
    return {"cardPrivateData": {"actionIds": ids if ids is not None else ["btn"], "params": params or {}}}


def what(body: Body) -> Press:
    found = parse.pressed(body, KEYS, NOW).press
    assert found is not None
    return found


def test_a_press_on_our_own_template() -> None:
    found = parse.pressed(press(inner({"key": SHORT, "choice": "30"})), KEYS, NOW)
    assert found.press == Press("claim", "case:12", 3, "", {"minutes": ("30",)})
    assert (found.track_id, found.incoming.sender, found.incoming.press) == ("case-12-r3-n1", "u1002", found.press)
    assert parse.pressed(press(inner({"key": SHORT, "choice": 30})), KEYS, NOW).press == found.press
    assert what(press(inner({"key": SHORT, "choice": ""}))).selected == {}


@pytest.mark.parametrize(
    "content",
    [
        inner({"id": SHORT}),
        inner({"action": SHORT}),
        inner({}, [SHORT]),
        inner({"id": "btn1"}, [SHORT]),
        {"cardPrivateData": {"actionIds": ["btn"]}, "params": {"key": SHORT}},
        {"actionIds": [SHORT]},
    ],
)
def test_a_press_on_a_public_template_or_as_older_pages_show_it(content: Body) -> None:
    assert what(press(content)).action == "claim"
    body = press("")
    del body["content"]
    assert what({**body, "value": json.dumps(content)}).subject == "case:12"
    assert what({**body, "content": content}).subject == "case:12"


def test_a_press_on_nothing_of_ours_is_none_that_can_be_done() -> None:
    other = keys.shorten(Payload("claim", "case:12", 3).pack(b"x" * 32))
    for content in (inner({"key": "claim"}), inner({"key": other}), inner({"key": SHORT + "x"}), inner(), {}, "{}"):
        assert parse.pressed(press(content), KEYS, NOW).press is None
    for gone in ("userId", "outTrackId"):
        with pytest.raises(BadEnvelope):
            parse.pressed(press(inner({"key": SHORT})) | {gone: ""}, KEYS, NOW)


def test_a_double_tap_is_one_press_and_a_later_one_another() -> None:
    body = press(inner({"key": SHORT, "choice": ""}))
    first = parse.pressed(body, KEYS, NOW).incoming.message_id
    assert parse.pressed(body, KEYS, NOW.replace(second=3)).incoming.message_id == first
    assert parse.pressed(body, KEYS, NOW.replace(second=30)).incoming.message_id != first
    for changed in (
        {"userId": "u1003"},
        {"outTrackId": "t-2"},
        {"content": json.dumps(inner({"key": SHORT, "choice": "30"}))},
    ):
        assert parse.pressed(body | changed, KEYS, NOW).incoming.message_id != first


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=12), inside, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["msgId", "conversationId", "conversationType", "senderStaffId", "createAt", "msgtype", "text",
    "content", "sessionWebhook", "sessionWebhookExpiredTime", "errorCode", "originalProcessQueryKey", "userId",
    "outTrackId", "value"])  # fmt: skip


@given(st.dictionaries(NAMES, JSON, max_size=8), st.sampled_from(["text", "richText", "audio", "file", "x"]))
@settings(max_examples=300, deadline=None)
def test_nothing_that_comes_in_is_more_than_refused(body: Body, kind: str) -> None:
    for shaped in (body, group() | body, group(msgtype=kind) | body):
        with suppress(BadEnvelope):
            parse.said(shaped, ROBOT, NOW)
        with suppress(BadEnvelope):
            parse.pressed(press(inner({"key": SHORT})) | shaped, KEYS, NOW)
