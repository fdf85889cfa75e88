"""The stand-in of the WeChat service account, against customer-messages.md sections 2-6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.weixin import Weixin, weixin_of
from tests.sandbox.chat_hub import Bench, Seen, bench, xml_reply

SEND = "/weixin/cgi-bin/message/template/send"
SHIPPED = {
    "character_string1": "TB-20251222-017",
    "thing2": "棉麻四件套 1.8m 米白",
    "thing3": "中通快递",
    "character_string4": "75312345678901",
    "time5": "2025年12月22日 10:05",
}


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Iterator[Bench]:
    yield opened.new_day()
    opened.chat.settle()
    assert weixin_of(opened.state).protocol_errors == []


@pytest.fixture
def weixin(b: Bench) -> Weixin:
    return weixin_of(b.state)


def token(b: Bench, **more: str) -> dict[str, Any]:
    account = b.state.company.weixin
    query = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    return b.get("/weixin/cgi-bin/token", **(query | more))


def send(b: Bench, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    values = {key: {"value": value} for key, value in (SHIPPED if data is None else data).items()}
    body = {"touser": b.state.company.customers[0].openid, "template_id": "tmpl-shipped-0001", "data": values}
    return b.post(SEND, body | more, access_token=token(b)["access_token"])


def shown(b: Bench) -> list[dict[str, Any]]:
    return b.shown("xiaoli", "oa")


# tokens


def test_each_fetch_makes_a_new_token_and_the_old_one_dies_after_five_minutes(b: Bench) -> None:
    path = "/weixin/cgi-bin/template/get_all_private_template"
    first, second = token(b)["access_token"], token(b)["access_token"]
    assert first != second
    assert "template_list" in b.get(path, access_token=first)
    b.move(minutes=6)
    assert b.get(path, access_token=first)["errcode"] == 40001
    assert "template_list" in b.get(path, access_token=second)
    b.move(hours=2)
    assert b.get(path, access_token=second)["errcode"] == 42001
    assert b.get(path)["errcode"] == 41001


def test_wrong_credentials_get_no_token(b: Bench) -> None:
    assert token(b, appid="wxother")["errcode"] == 40013
    assert token(b, secret="wrong")["errcode"] == 40001
    assert token(b, grant_type="password")["errcode"] == 40002


def test_the_2001st_token_of_a_day_is_refused(b: Bench, weixin: Weixin) -> None:
    for _ in range(2000):
        weixin.fetch_token()
    assert token(b)["errcode"] == 45009
    b.move(days=1)
    assert token(b)["expires_in"] == 7200


# template messages


def test_a_message_is_drawn_with_the_labels_of_its_template(b: Bench) -> None:
    told = send(b, url="https://hub.example/o/1")
    assert (told["errcode"], told["msgid"] > 2**32) == (0, True)
    body = shown(b)[0]["body"]
    assert (body["title"], body["url"]) == ("订单发货通知", "https://hub.example/o/1")
    assert body["lines"][0] == {"label": "订单编号", "value": "TB-20251222-017"}
    assert [line["label"] for line in body["lines"]] == ["订单编号", "商品名称", "快递公司", "快递单号", "发货时间"]


def test_the_job_event_says_it_arrived(b: Bench, weixin: Weixin) -> None:
    msgid = send(b)["msgid"]
    b.chat.settle()
    seen = b.hub.seen[0]
    root = seen.xml(weixin.crypto)
    assert (seen.path, seen.query["encrypt_type"]) == ("/wechat/oa", "aes")
    assert seen.query["signature"] == weixin.crypto.plain_sign(seen.query["timestamp"], seen.query["nonce"])
    assert [root.findtext(name) for name in ("Event", "MsgID", "Status")] == [
        "TEMPLATESENDJOBFINISH",
        str(msgid),
        "success",
    ]
    assert root.findtext("FromUserName") == b.state.company.customers[0].openid


def test_a_customer_who_blocks_is_accepted_and_then_reported(b: Bench, weixin: Weixin) -> None:
    b.switch(block_customer=True)
    assert send(b)["errcode"] == 0
    b.chat.settle()
    assert b.hub.seen[0].xml(weixin.crypto).findtext("Status") == "failed:user block"
    assert shown(b) == []


def test_a_customer_who_left_is_refused_with_43004(b: Bench) -> None:
    b.switch(unfollow=True)
    assert send(b)["errcode"] == 43004
    b.switch(unfollow=False)
    assert send(b)["errcode"] == 0


def test_the_same_client_msg_id_is_sent_once_in_ten_minutes(b: Bench) -> None:
    first = send(b, client_msg_id="order-1-shipped")["msgid"]
    assert send(b, client_msg_id="order-1-shipped")["msgid"] == first
    assert send(b, client_msg_id="order-2-shipped")["msgid"] != first
    assert send(b)["msgid"] != send(b)["msgid"]
    b.move(minutes=11)
    assert send(b, client_msg_id="order-1-shipped")["msgid"] != first
    assert len(shown(b)) == 5


def test_a_sandbox_started_again_repeats_no_message_id() -> None:
    numbers = []
    for _ in range(2):
        with bench() as again:
            numbers.append(send(again)["msgid"])
            again.chat.settle()
            again.post("/phones/api/customer/say", {"text": "在吗"})
            numbers.append(int(again.hub.seen[-1].xml(weixin_of(again.state).crypto).findtext("MsgId") or "0"))
    assert numbers == sorted(set(numbers))


def test_first_remark_and_colour_are_ignored_without_a_word(b: Bench) -> None:
    data = {key: {"value": value, "color": "#ff0000"} for key, value in SHIPPED.items()}
    data |= {"first": {"value": "您好"}, "remark": {"value": "谢谢"}}
    body = {"touser": b.state.company.customers[0].openid, "template_id": "tmpl-shipped-0001", "data": data}
    assert b.post(SEND, body, access_token=token(b)["access_token"])["errcode"] == 0
    assert len(shown(b)[0]["body"]["lines"]) == 5


def test_unknown_receivers_and_templates_are_refused(b: Bench) -> None:
    assert send(b, touser="oNobody")["errcode"] == 40003
    assert send(b, template_id="tmpl-none")["errcode"] == 40037


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("character_string1", "单号一"),
        ("character_string1", ""),
        ("character_string1", "x" * 33),
        ("thing2", "二" * 21),
        ("thing2", "上\n下"),
        ("thing2", 5),
        ("time5", "明天上午"),
        ("time5", "2025-12-22T10:05:00+08:00"),
        ("thing9", "没有这个键"),
        ("time5", None),
    ],
)
def test_a_value_that_breaks_its_type_is_47003_and_named(b: Bench, key: str, value: Any) -> None:
    told = send(b, SHIPPED | {key: value})
    assert (told["errcode"], f"data.{key}.value" in told["errmsg"], "rid:" in told["errmsg"]) == (47003, True, True)
    assert shown(b) == []


@pytest.mark.parametrize(
    "moment",
    ["15:01", "2019年10月1日 15:01", "2024-06-21 16:34:24", "2019年10月1日", "2018.01.01", "15:01~16:00"],
)
def test_the_times_the_sheet_accepts_are_accepted(b: Bench, moment: str) -> None:
    assert send(b, SHIPPED | {"time5": moment})["errcode"] == 0


@pytest.mark.parametrize(("word", "errcode"), [("已发货", 0), ("13笔", 47003), ("已经改好了吧", 47003)])
def test_a_phrase_is_five_characters_and_chinese_only(b: Bench, word: str, errcode: int) -> None:
    data = {"character_string1": "TB-1", "phrase2": word, "time3": "10:05"}
    assert send(b, data, template_id="tmpl-solved-0001")["errcode"] == errcode


def test_the_templates_can_be_read_with_their_keys(b: Bench) -> None:
    path = "/weixin/cgi-bin/template/get_all_private_template"
    listed = b.get(path, access_token=token(b)["access_token"])["template_list"]
    assert [one["template_id"] for one in listed[:2]] == ["tmpl-shipped-0001", "tmpl-solved-0001"]
    assert "订单编号：{{character_string1.DATA}}" in listed[0]["content"]
    (delayed,) = [one for one in listed if one["template_id"] == "tmpl-delayed-0001"]
    assert delayed["keywordEnumValueList"][0]["keywordCode"] == "const3.DATA"
    weixin_of(b.state).removed.add("tmpl-delayed-0001")
    listed = b.get(path, access_token=token(b)["access_token"])["template_list"]
    assert "tmpl-delayed-0001" not in [one["template_id"] for one in listed]


def test_a_const_takes_approved_words_alone(b: Bench) -> None:
    data = {"character_string1": "TB-1", "thing2": "杯", "const3": "仓库延误", "time4": "10:05"}
    assert send(b, data, template_id="tmpl-delayed-0001")["errcode"] == 0
    told = send(b, data | {"const3": "仓库着火"}, template_id="tmpl-delayed-0001")
    assert (told["errcode"], "data.const3.value" in told["errmsg"]) == (47003, True)


def test_who_refused_a_template_and_a_template_that_is_gone(b: Bench, weixin: Weixin) -> None:
    weixin.refusals.add((b.state.company.customers[0].openid, "tmpl-shipped-0001"))
    assert send(b)["errcode"] == 43101
    weixin.removed.add("tmpl-shipped-0001")
    assert send(b)["errcode"] == 40037


# what customers write


def ask(b: Bench, text: str = "到哪了") -> dict[str, Any]:
    return b.post("/phones/api/customer/say", {"text": text})


def test_a_customers_text_comes_as_encrypted_xml_and_is_answered(b: Bench, weixin: Weixin) -> None:
    openid = b.state.company.customers[0].openid
    fields = {"ToUserName": openid, "FromUserName": "gh_demo0000001", "CreateTime": 1, "MsgType": "text"}
    b.hub.answer = lambda seen: xml_reply(weixin.crypto, fields | {"Content": "在路上了"})
    told = ask(b)
    root = b.hub.seen[0].xml(weixin.crypto)
    assert (root.findtext("Content"), root.findtext("FromUserName")) == ("到哪了", openid)
    assert (told["kind"], told["answer"]["content"]) == ("text", "在路上了")
    assert [one["body"]["content"] for one in shown(b)] == ["到哪了", "在路上了"]


def test_success_and_nothing_are_both_silence(b: Bench) -> None:
    for answer in (b"success", b""):
        b.hub.answer = lambda seen, answer=answer: answer  # type: ignore[misc]
        assert ask(b)["kind"] == "empty"


def test_a_failing_hub_is_asked_three_times(b: Bench) -> None:
    b.hub.answer = lambda seen: 502
    assert (ask(b)["answered"], len(b.hub.seen)) == (False, 3)


@pytest.mark.parametrize("change", [{"ToUserName": "someone"}, {"MsgType": "voice"}, {"Content": " "}])
def test_a_wrong_reply_is_noted(b: Bench, weixin: Weixin, change: dict[str, str]) -> None:
    openid = b.state.company.customers[0].openid
    fields = {"ToUserName": openid, "FromUserName": "gh", "CreateTime": 1, "MsgType": "text", "Content": "好"}
    b.hub.answer = lambda seen: xml_reply(weixin.crypto, fields | change)
    assert ask(b)["kind"] == "protocol_error"
    weixin.protocol_errors.clear()


def test_an_empty_text_or_a_stranger_is_refused_by_the_phone(b: Bench) -> None:
    assert "空白" in ask(b, " ")["error"]
    assert "没有这位顾客" in b.post("/phones/api/customer/say", {"openid": "oX", "text": "在吗"})["error"]


def test_the_url_check_is_answered_with_the_echo(b: Bench, weixin: Weixin) -> None:
    def answer(seen: Seen) -> bytes:
        assert seen.query["signature"] == weixin.crypto.plain_sign(seen.query["timestamp"], seen.query["nonce"])
        return seen.query["echostr"].encode()

    assert weixin.verify_url() != ""
    b.hub.answer = answer
    assert weixin.verify_url() == ""
    b.hub.answer = lambda seen: 404
    assert weixin.verify_url() == "status 404"
