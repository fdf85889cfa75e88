from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.wecom_bot.parse import event_type, heard, tree_of
from bot.crypto import BadEnvelope
from bot.heard import Heard
from bot.payload import Payload
from config import Settings
from handlers.incoming import Attached, Press
from tests.bot.samples import KEY, NOW

PACKED = Payload("claim", "case:12", 3).pack(KEY)
Body = dict[str, Any]


def group(**inside: Any) -> Body:
    return {"msgid": "m-1", "chatid": "wrDEMO01", "chattype": "group", "from": {"userid": "LaoWang"}, **inside}


def read(body: Body, settings: Settings) -> Heard | None:
    assert settings.bot is not None
    return heard(body, settings.bot, (KEY,), NOW)


def test_a_group_message_without_the_mention(settings: Settings) -> None:
    for said in ("看板 @订单助手", "@订单助手\u2005看板", " @订单助手看板 ", "@订单助手 看板"):
        found = read(group(msgtype="text", text={"content": said}), settings)
        assert found is not None
        assert found.incoming.text == "看板"
    assert found is not None
    assert (found.incoming.sender, found.incoming.chat, found.incoming.is_group) == ("laowang", "wrDEMO01", True)
    assert found.incoming.at == NOW


def test_a_single_chat_has_no_chatid(settings: Settings) -> None:
    body = {"msgid": "m", "chattype": "single", "from": {"userid": "bo"}, "msgtype": "text", "create_time": 1735689600}
    found = read({**body, "text": {"content": "我的"}}, settings)
    assert found is not None
    assert (found.incoming.chat, found.incoming.is_group) == ("bo", False)
    assert found.incoming.at.year == 2025


def test_voice_mixed_and_quotes(settings: Settings) -> None:
    voice = read(group(msgtype="voice", voice={"content": "看板"}), settings)
    assert voice is not None
    assert voice.incoming.text == "看板"
    parts = [{"msgtype": "text", "text": {"content": "@订单助手 查"}}, {"msgtype": "image", "image": {"url": "x"}}, 7]
    mixed = read(group(msgtype="mixed", mixed={"msg_item": parts}), settings)
    assert mixed is not None
    assert mixed.incoming.text == "查"
    quote = {"msgtype": "text", "text": {"content": "JD-20251222-001"}}
    quoting = read(group(msgtype="text", text={"content": "查这个"}, quote=quote), settings)
    assert quoting is not None
    assert quoting.incoming.quoted == "JD-20251222-001"


@pytest.mark.parametrize("nested", [True, False])
def test_a_press_nested_or_flat(settings: Settings, nested: bool) -> None:
    item = {"question_key": "q", "option_ids": {"option_id": ["30"]}}
    inside: Body = {"event_key": PACKED, "task_id": "t-1", "selected_items": {"selected_item": [item, "odd"]}}
    event = {"eventtype": "template_card_event", **({"template_card_event": inside} if nested else inside)}
    found = read(group(msgtype="event", event=event), settings)
    assert found is not None
    assert found.incoming.press == Press("claim", "case:12", 3, "", {"q": ("30",)})
    assert found.task_id == "t-1"
    lone = {"question_key": "q", "option_ids": {"option_id": "30"}}
    inside["selected_items"] = {"selected_item": lone}
    found = read(group(msgtype="event", event={**event, **({} if nested else inside)}), settings)
    assert found is not None
    assert found.incoming.press is not None
    assert found.incoming.press.selected == {"q": ("30",)}


def test_opening_the_chat_asks_for_help(settings: Settings) -> None:
    found = read(group(msgtype="event", event={"eventtype": "enter_chat"}), settings)
    assert found is not None
    assert (found.incoming.text, found.welcome) == ("帮助", True)


def test_what_needs_no_answer_gets_none(settings: Settings) -> None:
    for inside in (
        {"msgtype": "event", "event": {"eventtype": "feedback_event"}},
        {"msgtype": "stream", "stream": {"id": "s"}},
        {"msgtype": "text", "text": {"content": "  "}},
        {"msgtype": ["text"]},
        {},
    ):
        assert read(group(**inside), settings) is None


def test_damage_and_forgery_are_told_apart(settings: Settings) -> None:
    with pytest.raises(BadEnvelope):
        read({"msgtype": "text", "text": {"content": "看板"}}, settings)
    event = {"eventtype": "template_card_event", "event_key": "claim", "task_id": "t-1"}
    forged = read(group(msgtype="event", event=event), settings)
    assert forged is not None
    assert (forged.expired, forged.incoming.press, forged.task_id) == (True, None, "t-1")
    for text in (b"", b"[]", b"{", b"\xff", b"[" * 100_000, "7"):
        with pytest.raises(BadEnvelope):
            tree_of(text)
    assert tree_of(json.dumps({"a": 1})) == {"a": 1}
    assert event_type({"msgtype": "event", "event": "odd"}) == ""


def test_pictures_come_as_files_do(settings: Settings) -> None:
    assert settings.bot is not None
    own, callback = Attached("https://far/1", "own-key"), Attached("https://far/2", settings.bot.aes_key)
    one, two = {"url": "https://far/1", "aeskey": "own-key"}, {"url": "https://far/2"}
    alone = {"msgid": "m", "chattype": "single", "from": {"userid": "XiaoLi"}, "msgtype": "image", "image": two}
    found = read(alone, settings)
    assert found is not None
    assert (found.incoming.text, found.incoming.pictures, found.plain) == ("", (callback,), "")
    parts = [
        {"msgtype": "text", "text": {"content": "@订单助手 登记 001 少件"}},
        {"msgtype": "image", "image": one}, {"msgtype": "image", "image": two}, {"msgtype": "image"}, 7,
    ]  # fmt: skip
    mixed = read(group(msgtype="mixed", mixed={"msg_item": parts}), settings)
    assert mixed is not None
    assert (mixed.incoming.text, mixed.incoming.pictures) == ("登记 001 少件", (own, callback))
    quote = {"msgtype": "image", "image": one}
    quoting = read(group(msgtype="text", text={"content": "登记 001 破损"}, quote=quote), settings)
    assert quoting is not None
    assert quoting.incoming.pictures == (own,)


def test_a_picture_without_an_address_is_answered_in_words(settings: Settings) -> None:
    body = {"msgid": "m", "chattype": "single", "from": {"userid": "XiaoLi"}, "msgtype": "image", "image": {}}
    found = read(body, settings)
    assert found is not None
    assert "文字" in found.plain


def test_a_file_comes_with_its_address_and_a_key(settings: Settings) -> None:
    body = {"msgid": "m", "chattype": "single", "from": {"userid": "XiaoLi"}, "msgtype": "file"}
    own = read({**body, "file": {"url": "https://far/1", "aeskey": "own-key"}}, settings)
    assert own is not None
    assert own.incoming.file == Attached("https://far/1", "own-key")
    assert settings.bot is not None
    callback = read({**body, "file": {"url": "https://far/1"}}, settings)
    assert callback is not None
    assert callback.incoming.file == Attached("https://far/1", settings.bot.aes_key)
    lost = read({**body, "file": {}}, settings)
    assert lost is not None
    assert "重新发" in lost.plain


@pytest.mark.parametrize("kind", ["link", "location", "hologram"])
def test_a_kind_that_nobody_knows_is_answered_in_words(settings: Settings, kind: str) -> None:
    found = read(group(msgtype=kind, **{kind: {"url": "x"}}), settings)
    assert found is not None
    assert "文字" in found.plain


def test_half_an_emoji_spoils_nothing(settings: Settings) -> None:
    body = json.loads('{"msgtype": "text", "text": {"content": "备注 001 好\\ud83d 的"}}')
    body["quote"] = json.loads('{"msgtype": "text", "text": {"content": "\\udc00JD-20251222-001"}}')
    found = read(group(**body), settings)
    assert found is not None
    assert (found.incoming.text, found.incoming.quoted) == ("备注 001 好 的", "JD-20251222-001")


def test_the_presser_is_known_by_the_name_that_the_platform_gave(settings: Settings) -> None:
    event = {"eventtype": "template_card_event", "event_key": PACKED, "task_id": "t-1"}
    found = read(group(msgtype="event", event=event), settings)
    assert found is not None
    assert (found.incoming.sender, found.told) == ("laowang", "LaoWang")
