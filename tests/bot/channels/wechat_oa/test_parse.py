from __future__ import annotations

import pytest

from bot.channels.wechat_oa.parse import Delivered, Said, heard
from bot.crypto import BadEnvelope
from tests.bot.samples import NOW

HEAD = "<ToUserName>gh_1</ToUserName><FromUserName>oAbC</FromUserName><CreateTime>1735689600</CreateTime>"


def read(inside: str) -> Said | Delivered | None:
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
    assert (found.msgid, found.status) == ("34000000001", "failed: user block")


def test_the_rest_needs_no_answer() -> None:
    assert read("<MsgType>event</MsgType><Event>unsubscribe</Event>") is None
    assert read("<MsgType>image</MsgType>") is None
    with pytest.raises(BadEnvelope):
        heard(b"<xml><MsgType>text</MsgType></xml>", NOW)
    odd = heard(b"<xml><MsgType>text</MsgType><FromUserName>o</FromUserName><CreateTime>x</CreateTime></xml>", NOW)
    assert isinstance(odd, Said)
    assert odd.incoming.at == NOW
