from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.channels.wecom_app.parse import heard
from bot.crypto import BadEnvelope
from bot.payload import Payload
from handlers.incoming import Attached, Press
from tests.bot.samples import KEY

HEAD = (
    "<ToUserName>wwdemo00000000001</ToUserName><FromUserName><![CDATA[XiaoLi]]></FromUserName>"
    "<CreateTime>1735689600</CreateTime><AgentID>1000042</AgentID>"
)
PACKED = Payload("claim", "case:12", 3, "v").pack(KEY)
KEYS = (KEY,)


def message(inside: str) -> bytes:
    return f"<xml>{HEAD}{inside}</xml>".encode()


def press(key: str = PACKED, items: str = "", event: str = "template_card_event") -> bytes:
    return message(
        f"<MsgType>event</MsgType><Event>{event}</Event><EventKey><![CDATA[{key}]]></EventKey>"
        f"<TaskId>case-12-r3-n1</TaskId><ResponseCode>RC-1</ResponseCode>{items}"
    )


def test_a_text_with_its_sender_in_lower_case() -> None:
    found = heard(message("<MsgType>text</MsgType><Content><![CDATA[看板\x09]]></Content><MsgId>73</MsgId>"), KEYS)
    assert found is not None
    incoming = found.incoming
    assert (incoming.channel, incoming.message_id, incoming.text) == ("wecom_app", "73", "看板")
    assert (incoming.sender, incoming.chat, incoming.is_group) == ("xiaoli", "xiaoli", False)
    assert incoming.at == datetime(2025, 1, 1, tzinfo=UTC)


def test_a_menu_click_is_the_command_in_its_key() -> None:
    found = heard(message("<MsgType>event</MsgType><Event>click</Event><EventKey>我的</EventKey>"), KEYS)
    assert found is not None
    assert found.incoming.text == "我的"


def test_opening_the_chat_is_one_message_a_day() -> None:
    entered = "<MsgType>event</MsgType><Event>enter_agent</Event><EventKey></EventKey>"
    found = heard(message(entered), KEYS)
    assert found is not None
    assert found.welcome
    assert (found.incoming.text, found.incoming.message_id) == ("帮助", "enter:xiaoli:2025-01-01")
    late = message(entered).replace(b"1735689600", b"1735664400")  # 01:00 in Beijing, the day before in UTC
    evening = heard(late, KEYS)
    assert evening is not None
    assert evening.incoming.message_id == "enter:xiaoli:2025-01-01"


@pytest.mark.parametrize("event", ["template_card_event", "template_card_menu_event"])
def test_a_press_with_its_code_and_what_was_chosen(event: str) -> None:
    one = "<SelectedItem><QuestionKey>q</QuestionKey><OptionIds><OptionId>30</OptionId></OptionIds></SelectedItem>"
    two = (
        "<SelectedItem><QuestionKey>r</QuestionKey>"
        "<OptionIds><OptionId>a</OptionId><OptionId>b</OptionId></OptionIds></SelectedItem>"
    )
    found = heard(press(items=f"<SelectedItems>{one}{two}</SelectedItems>", event=event), KEYS)
    assert found is not None
    assert found.incoming.press == Press("claim", "case:12", 3, "v", {"q": ("30",), "r": ("a", "b")})
    assert (found.task_id, found.response_code) == ("case-12-r3-n1", "RC-1")
    single = heard(press(items=f"<SelectedItems>{one}</SelectedItems>", event=event), KEYS)
    assert single is not None
    assert single.incoming.press is not None
    assert single.incoming.press.selected == {"q": ("30",)}


def test_events_get_an_id_from_all_that_tells_them_apart() -> None:
    first, again = heard(press(), KEYS), heard(press(), KEYS)
    other = heard(press(event="template_card_menu_event"), KEYS)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.incoming.message_id == again.incoming.message_id != other.incoming.message_id


def test_what_needs_no_answer_gets_none() -> None:
    for inside in (
        "<MsgType>event</MsgType><Event>view</Event><EventKey>https://far</EventKey>",
        "<MsgType>event</MsgType><Event>brand_new</Event><EventKey>看板</EventKey>",
        "<MsgType>event</MsgType><Event>LOCATION</Event>",
        "<Other>1</Other>",
    ):
        assert heard(message(inside), KEYS) is None


def test_a_button_that_no_key_of_ours_signed_is_heard_as_expired() -> None:
    found = heard(press(key="claim"), KEYS)
    assert found is not None
    assert (found.expired, found.incoming.press, found.incoming.text) == (True, None, "")
    assert (found.task_id, found.response_code) == ("case-12-r3-n1", "RC-1")
    older = heard(press(), (b"n" * 32, KEY))
    assert older is not None
    assert (older.expired, older.incoming.press) == (False, Press("claim", "case:12", 3, "v", {}))


def test_what_is_damaged_is_refused() -> None:
    for damaged in (b"", b"<xml/>", b"<xml><MsgType>text</MsgType><MsgId>1</MsgId><CreateTime>1</CreateTime></xml>"):
        with pytest.raises(BadEnvelope):
            heard(damaged, KEYS)
    with pytest.raises(BadEnvelope, match="CreateTime"):
        heard(b"<xml><MsgType>text</MsgType><FromUserName>a</FromUserName><CreateTime>x</CreateTime></xml>", KEYS)


def test_a_picture_is_fetched_from_the_companys_store() -> None:
    inside = "<MsgType>image</MsgType><PicUrl>https://far/1</PicUrl><MediaId>M1</MediaId><MsgId>1</MsgId>"
    found = heard(message(inside), KEYS)
    assert found is not None
    assert (found.incoming.pictures, found.plain) == ((Attached("media:wecom:M1", ""),), "")
    lost = heard(message("<MsgType>image</MsgType><MsgId>1</MsgId>"), KEYS)
    assert lost is not None
    assert "文字" in lost.plain


@pytest.mark.parametrize("kind", ["voice", "video", "location", "link", "hologram"])
def test_what_nobody_can_read_is_answered_in_words(kind: str) -> None:
    found = heard(message(f"<MsgType>{kind}</MsgType><MediaId>M</MediaId><MsgId>1</MsgId>"), KEYS)
    assert found is not None
    assert (found.incoming.message_id, found.incoming.text, found.incoming.sender) == ("1", "", "xiaoli")
    assert "文字" in found.plain


def test_a_mention_alone_is_no_command() -> None:
    for said in ("@订单助手", "@订单助手 ", "@订单助手 帮助"):
        found = heard(message(f"<MsgType>text</MsgType><Content>{said}</Content><MsgId>1</MsgId>"), KEYS)
        assert found is not None
        assert found.incoming.text in ("", "帮助")


def test_a_slip_that_was_scanned_is_a_question_about_it() -> None:
    for event, result in (("scancode_waitmsg", "JD-20251222-001"), ("scancode_push", "CODE_128,JD-20251222-001")):
        inside = (
            f"<MsgType>event</MsgType><Event>{event}</Event><EventKey>scan</EventKey>"
            f"<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>{result}</ScanResult></ScanCodeInfo>"
        )
        found = heard(message(inside), KEYS)
        assert found is not None
        assert found.incoming.text == "JD-20251222-001"
