from __future__ import annotations

import pytest

from bot.channels.wechat_oa.parse import Allowed, Delivered, Heard, Left, Said, heard
from bot.crypto import BadEnvelope
from handlers.incoming import Attached
from tests.bot.samples import NOW

HEAD = "<ToUserName>gh_1</ToUserName><FromUserName>oAbC</FromUserName><CreateTime>1735689600</CreateTime>"


def read(inside: str) -> Heard | None:
    return heard(f"<xml>{HEAD}{inside}</xml>".encode(), NOW)


def test_a_customers_words_keep_the_case_of_the_openid() -> None:
    found = read("<MsgType>text</MsgType><Content>3210000001</Content><MsgId>9</MsgId>")
    assert isinstance(found, Said)
    assert (found.incoming.sender, found.incoming.text, found.account) == ("oAbC", "3210000001", "gh_1")
    assert found.incoming.message_id == "9"
    assert not found.followed


def test_following_is_heard() -> None:
    found = read("<MsgType>event</MsgType><Event>subscribe</Event>")
    assert isinstance(found, Said)
    assert found.followed


@pytest.mark.parametrize("status", ["failed:user block", "failed: user block"])
def test_the_end_of_a_template_message(status: str) -> None:
    event = "<MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event>"
    found = read(f"{event}<MsgID>34000000001</MsgID><Status>{status}</Status>")
    assert isinstance(found, Delivered)
    assert found.ends == (("34000000001", "failed: user block"),)


def test_a_picture_is_fetched_from_the_accounts_store() -> None:
    found = read("<MsgType>image</MsgType><PicUrl>http://far/1</PicUrl><MediaId>M1</MediaId><MsgId>9</MsgId>")
    assert isinstance(found, Said)
    assert (found.incoming.text, found.incoming.pictures) == ("", (Attached("media:weixin:M1", ""),))


def test_the_rest_needs_no_answer() -> None:
    assert read("<MsgType>event</MsgType><Event>LOCATION</Event>") is None
    assert read("<MsgType>event</MsgType><Event>SCAN</Event><EventKey></EventKey>") is None
    assert read("<MsgType>image</MsgType>") is None  # nobody could fetch it
    with pytest.raises(BadEnvelope):
        heard(b"<xml><MsgType>text</MsgType></xml>", NOW)
    odd = heard(b"<xml><MsgType>text</MsgType><FromUserName>o</FromUserName><CreateTime>x</CreateTime></xml>", NOW)
    assert isinstance(odd, Said)
    assert odd.incoming.at == NOW


def test_a_scanned_code_is_told_to_who_follows_already_and_who_follows_by_it() -> None:
    new = read("<MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_o.1f.abc</EventKey>")
    old = read("<MsgType>event</MsgType><Event>SCAN</Event><EventKey>o.1f.abc</EventKey>")
    assert isinstance(new, Said)
    assert isinstance(old, Said)
    assert ((new.scene, new.followed), (old.scene, old.followed)) == (("o.1f.abc", True), ("o.1f.abc", False))


def test_leaving_is_heard() -> None:
    found = read("<MsgType>event</MsgType><Event>unsubscribe</Event>")
    assert isinstance(found, Left)
    assert found.openid == "oAbC"


def notices(event: str, name: str, *entries: str) -> Heard | None:
    lists = "".join(f"<List>{entry}</List>" for entry in entries)
    return read(f"<MsgType>event</MsgType><Event>{event}</Event><{name}>{lists}</{name}>")


def entry(template: str, word: str) -> str:
    return f"<TemplateId>{template}</TemplateId><SubscribeStatusString>{word}</SubscribeStatusString>"


def test_one_tap_and_several_are_read_alike() -> None:
    one = notices("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", entry("T1", "accept"))
    many = notices(
        "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", entry("T1", "accept"), entry("T2", "reject"),
        entry("T3", "accept"),
    )  # fmt: skip
    assert isinstance(one, Allowed)
    assert isinstance(many, Allowed)
    assert (one.templates, many.templates) == ((("T1", True),), (("T1", True), ("T3", True)))
    assert one.message_id != many.message_id


def test_a_refusal_afterwards_takes_the_credit_away() -> None:
    found = notices("subscribe_msg_change_event", "SubscribeMsgChangeEvent", entry("T1", "reject"))
    assert isinstance(found, Allowed)
    assert found.templates == (("T1", False),)


def test_the_ends_of_notices() -> None:
    parts = "<TemplateId>T1</TemplateId><MsgID>{}</MsgID><ErrorCode>{}</ErrorCode><ErrorStatus>{}</ErrorStatus>"
    found = notices(
        "subscribe_msg_sent_event",
        "SubscribeMsgSentEvent",
        parts.format(7, 0, "success"),
        parts.format(8, 43101, "refuse"),
    )
    assert isinstance(found, Delivered)
    assert found.ends == (("7", "success"), ("8", "failed: refuse"))
