"""The stand-in of the WeCom server for a self-built app, over real sockets, against wecom.md sections 1-4, 7, 8, 10."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.chat_app_callback import PARTS
from sandbox.chat_crypto import Crypto, ProtocolError, Sealed
from sandbox.wecom import Wecom, wecom_of
from tests.sandbox import chat_samples as samples
from tests.sandbox.chat_hub import Bench, HubServer, Seen, bench, xml_reply

KEY = "OrderAssistantDemoAesKey0123456789ABCDEFGHI"
VECTORS = [
    (
        "echo-7788",
        "wwdemo00000000001",
        "cYHgIHmEb8wWag7+f2ipanUySric5ZVJwCoCxQXQyS+3YOEhtQBBUSx/hH6vAKIlUibaQdEiVVClMPL3TOP6xQ==",
        "16edacafcca3caaa604386f399e8504007436166",
    ),
    (
        '{"msgtype":"text"}',
        "",
        "cYHgIHmEb8wWag7+f2ipasqckvQ64XB0kBmlMdBKkK3YfymMfJDAbN/avUCUQ0lmjzpUm6AlN825dwbob7wKbg==",
        "5ab5b5cb83b244f31aa56226432667b725b71ab5",
    ),
]


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Iterator[Bench]:
    yield opened.new_day()
    assert wecom_of(opened.state).protocol_errors == []


@pytest.fixture
def wecom(b: Bench) -> Wecom:
    return wecom_of(b.state)


def send_card(b: Bench, card: dict[str, Any], **more: Any) -> dict[str, Any]:
    return b.send("template_card", card, **more)


def press(b: Bench, key: str, selected: dict[str, list[str]] | None = None, who: str = "xiaoli") -> dict[str, Any]:
    message = [one for one in b.shown(who, "app") if one["kind"] == "template_card"][-1]
    return b.post(
        "/phones/api/press", {"who": who, "message_id": message["id"], "key": key, "selected": selected or {}}
    )


# crypto


@pytest.mark.parametrize(("message", "receive_id", "encrypted", "signature"), VECTORS)
def test_crypto_agrees_with_the_published_vectors(
    message: str, receive_id: str, encrypted: str, signature: str
) -> None:
    crypto = Crypto("DemoToken2024", KEY, receive_id)
    assert crypto.encrypt(message.encode(), b"0123456789abcdef") == encrypted
    assert crypto.sign("1735689600", "a1b2c3d4", encrypted) == signature
    assert crypto.open(Sealed(encrypted, signature, "1735689600", "a1b2c3d4")) == message.encode()


@pytest.mark.parametrize("length", range(0, 64))
def test_crypto_pads_every_length_to_blocks_of_32(length: int) -> None:
    crypto = Crypto("t", KEY, "id")
    assert crypto.decrypt(crypto.encrypt(b"x" * length)) == b"x" * length


@pytest.mark.parametrize("broken", ["", "no base64 !", "AAAA", "A" * 64])
def test_crypto_refuses_what_it_cannot_open(broken: str) -> None:
    with pytest.raises(ProtocolError):
        Crypto("t", KEY, "id").decrypt(broken)


def test_crypto_refuses_another_receiver_and_another_signature() -> None:
    sealed = Crypto("t", KEY, "corp-a").seal(b"hello", 1)
    with pytest.raises(ProtocolError, match="receiveid"):
        Crypto("t", KEY, "corp-b").open(sealed)
    with pytest.raises(ProtocolError, match="signature"):
        Crypto("other", KEY, "corp-a").open(sealed)


# tokens


def test_a_token_stays_the_same_within_its_two_hours(b: Bench) -> None:
    first = b.token()
    b.move(minutes=119)
    assert b.token() == first
    b.move(minutes=2)
    assert b.token() != first


def test_wrong_credentials_get_no_token(b: Bench) -> None:
    good = b.state.company.wecom
    path = "/qyapi/cgi-bin/gettoken"
    assert b.get(path, corpid="wwother", corpsecret=good.secret)["errcode"] == 40013
    assert b.get(path, corpid=good.corpid)["errcode"] == 41004
    assert b.get(path, corpid=good.corpid, corpsecret="wrong")["errcode"] == 40001


def test_a_call_needs_a_living_token(b: Bench) -> None:
    path = "/qyapi/cgi-bin/getcallbackip"
    token = b.token()
    assert b.get(path)["errcode"] == 41001
    assert b.get(path, access_token="nonsense")["errcode"] == 40014
    assert b.get(path, access_token=token) == {"errcode": 0, "errmsg": "ok", "ip_list": ["127.0.0.1"]}
    b.move(hours=2)
    assert b.get(path, access_token=token)["errcode"] == 42001


def test_the_platform_may_end_a_token_early(b: Bench) -> None:
    token = b.token()
    b.switch(expire_token=True)
    assert b.get("/qyapi/cgi-bin/getcallbackip", access_token=token)["errcode"] == 42001
    assert b.token() != token


# message/send


def test_a_text_reaches_each_receiver_once_and_names_the_lost_ones(b: Bench) -> None:
    told = b.send("text", {"content": "早"}, touser="XiaoLi|laowang|Nobody")
    assert (told["errcode"], told["invaliduser"]) == (0, "nobody")
    assert [one["body"]["content"] for one in b.shown("xiaoli", "app")] == ["早"]
    assert len(b.shown("laowang", "app")) == 1
    assert b.shown("zhaojie", "app") == []


def test_all_and_departments_are_receivers_too(b: Bench) -> None:
    b.send("text", {"content": "全体"}, touser="@all")
    departments = b.get("/qyapi/cgi-bin/department/list", access_token=b.token())["department"]
    store = next(one["id"] for one in departments if one["name"] == "仓库部")
    told = b.send("text", {"content": "仓库"}, touser="", toparty=f"{store}|99")
    assert told["invalidparty"] == "99"
    assert len(b.shown("laowang", "app")) == 2
    assert len(b.shown("waiguan", "app")) == 1


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"agentid": 1}, 40056),
        ({"agentid": None, "touser": "xiaoli"}, 40056),
        ({"touser": ""}, 82001),
        ({"touser": "ghost"}, 81013),
        ({"touser": "|".join(["xiaoli"] * 1001)}, 40032),
        ({"toparty": "|".join(["1"] * 101)}, 82002),
        ({"totag": "|".join(["1"] * 101)}, 82003),
        ({"msgtype": "interactive_taskcard"}, 40008),
        ({"text": {"content": "  "}}, 44004),
        ({"text": "no object"}, 44004),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 20000}, 40058),
        ({"msgtype": "markdown", "markdown": {"content": ""}}, 44004),
        ({"msgtype": "textcard", "textcard": {"description": "d", "url": "https://a.cn"}}, 41016),
        ({"msgtype": "textcard", "textcard": {"title": "t", "url": "https://a.cn"}}, 41033),
        ({"msgtype": "textcard", "textcard": {"title": "t", "description": "d", "url": "a.cn"}}, 40058),
        ({"msgtype": "textcard", "textcard": {"title": "t" * 129, "description": "d", "url": "https://a.cn"}}, 45002),
        ({"msgtype": "news", "news": {"articles": []}}, 40058),
        ({"msgtype": "news", "news": {"articles": [{"title": "t", "url": "https://a.cn"}] * 9}}, 45008),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
        ({"msgtype": "image", "image": {"x": 1}}, 41006),
    ],
)
def test_a_wrong_message_gets_the_errcode_of_the_sheet(b: Bench, change: dict[str, Any], errcode: int) -> None:
    message = {"touser": "xiaoli", "msgtype": "text", "agentid": 1000042, "text": {"content": "早"}}
    told = b.call("message/send", message | change)
    assert told["errcode"] == errcode
    assert b.shown("xiaoli", "app") == []


def test_a_body_that_is_no_json_is_refused(b: Bench) -> None:
    url = f"{b.base}/qyapi/cgi-bin/message/send"
    answer = requests.post(url, data=b"{broken", params={"access_token": b.token()}, timeout=5)
    assert (answer.status_code, answer.json()["errcode"]) == (200, 47001)


def test_text_beyond_2048_bytes_is_cut_between_characters(b: Bench) -> None:
    b.send("text", {"content": "单" * 700})
    assert b.shown("xiaoli", "app")[0]["body"]["content"] == "单" * 682


def test_names_are_put_in_where_asked(b: Bench) -> None:
    b.send("text", {"content": "请 $userName=laowang$ 处理"}, enable_id_trans=1)
    assert b.shown("xiaoli", "app")[0]["body"]["content"] == "请 老王 处理"


def test_the_same_json_is_not_delivered_again_within_the_interval(b: Bench) -> None:
    twice = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    assert b.send("text", {"content": "早"}, **twice)["errcode"] == 0
    assert b.send("text", {"content": "早"}, **twice)["errcode"] == 0
    assert len(b.shown("xiaoli", "app")) == 1
    b.send("text", {"content": "早安"}, **twice)
    b.move(minutes=11)
    b.send("text", {"content": "早"}, **twice)
    assert len(b.shown("xiaoli", "app")) == 3


def test_more_than_30_a_minute_to_one_member_vanish_without_an_error(b: Bench, wecom: Wecom) -> None:
    for number in range(32):
        assert (
            b.send("text", {"content": f"{number}"}, touser="xiaoli|laowang" if number < 2 else "xiaoli")["errcode"]
            == 0
        )
    assert len(b.shown("xiaoli", "app")) == 30
    assert [one["payload"]["text"]["content"] for one in wecom.dropped] == ["30", "31"]
    b.move(seconds=61)
    b.send("text", {"content": "again"})
    assert len(b.shown("xiaoli", "app")) == 31


# template cards


@pytest.mark.parametrize("sample", samples.ALL, ids=lambda sample: sample.__name__)
def test_every_kind_of_card_is_accepted_and_drawn(b: Bench, sample: Any) -> None:
    told = send_card(b, sample())
    assert told["errcode"] == 0, told
    assert b.shown("xiaoli", "app")[0]["body"]["card_type"] == sample.__name__
    assert ("response_code" in told) == (sample.__name__ not in {"text_notice", "news_notice"})


def test_a_notice_with_a_menu_gets_a_response_code(b: Bench) -> None:
    menu = {"desc": "更多", "action_list": [{"text": "静音", "key": "mute"}]}
    assert "response_code" in send_card(b, samples.text_notice(action_menu=menu, task_id="n-1"))


def button(number: int, **more: Any) -> dict[str, Any]:
    return {"text": f"按钮{number}", "key": f"k{number}"} | more


OPTIONS = [{"id": f"o{number}", "text": "选项"} for number in range(21)]
WRONG_CARDS: list[tuple[dict[str, Any], int, str]] = [
    ({"card_type": "other"}, 40058, "card_type"),
    (samples.button_interaction(main_title={"title": ""}), 41016, "main_title"),
    (samples.text_notice(main_title={}, sub_title_text=""), 41016, "sub_title_text"),
    (samples.button_interaction(task_id=""), 40058, "task_id"),
    (samples.button_interaction(task_id="单号"), 40058, "task_id"),
    (samples.button_interaction(task_id="x" * 129), 40058, "task_id"),
    (samples.text_notice(action_menu={"action_list": [{"text": "a", "key": "b"}]}), 40058, "task_id"),
    (samples.button_interaction(button_list=[]), 40058, "button_list"),
    (samples.button_interaction(button_list=[button(n) for n in range(7)]), 40058, "button_list"),
    (samples.button_interaction(button_list=[button(1), button(1)]), 40058, "key"),
    (samples.button_interaction(button_list=[button(1, key="k" * 1025)]), 40058, "button_list.key"),
    (samples.button_interaction(button_list=[button(1, style=5)]), 40058, "button_list.style"),
    (samples.button_interaction(button_list=[button(1, type=1)]), 40058, "button_list.url"),
    (samples.button_interaction(button_list=[button(1, text="")]), 40058, "button_list.text"),
    (samples.button_interaction(button_list=[button(1, key="mute")]), 40058, "key"),
    (samples.button_interaction(action_menu={"action_list": [button(n) for n in range(4)]}), 40058, "action_menu"),
    (samples.button_interaction(horizontal_content_list=samples.FIELDS + samples.FIELDS), 40058, "horizontal"),
    (samples.button_interaction(horizontal_content_list=[{"value": "v"}]), 40058, "keyname"),
    (samples.button_interaction(horizontal_content_list=[{"keyname": "k", "type": 3}]), 40058, "userid"),
    (samples.button_interaction(horizontal_content_list=[{"keyname": "k", "type": 1}]), 40058, "url"),
    (samples.button_interaction(horizontal_content_list=[{"keyname": "k", "value": 3}]), 40058, "value"),
    (
        samples.button_interaction(button_selection={"question_key": "q", "option_list": OPTIONS[:11]}),
        40058,
        "button_selection.option_list",
    ),
    (
        samples.button_interaction(
            button_selection={"question_key": "q", "selected_id": "x", "option_list": OPTIONS[:2]}
        ),
        40058,
        "selected_id",
    ),
    (samples.text_notice(card_action={"type": 0}), 40058, "card_action.type"),
    (samples.text_notice(jump_list=[{"title": "t"}] * 4), 40058, "jump_list"),
    (samples.text_notice(jump_list=[{"title": "t", "type": 3, "question": "看板"}]), 40058, "jump_list.type"),
    (samples.text_notice(source={"desc_color": 9}), 40058, "source.desc_color"),
    (samples.text_notice(quote_area={"type": 1}), 40058, "quote_area.url"),
    (samples.news_notice(card_image={"url": "https://a.cn/x.png", "aspect_ratio": 3}), 40058, "aspect_ratio"),
    (samples.news_notice(vertical_content_list=[{"title": "t"}] * 5), 40058, "vertical_content_list"),
    (samples.vote_interaction(checkbox={"question_key": "q", "option_list": OPTIONS}), 40058, "checkbox.option_list"),
    (samples.vote_interaction(checkbox={"question_key": "q", "option_list": OPTIONS[:1] * 2}), 40058, "id"),
    (samples.vote_interaction(submit_button={"text": "提交"}), 40058, "submit_button.key"),
    (samples.multiple_interaction(select_list=[]), 40058, "select_list"),
]


@pytest.mark.parametrize(("card", "errcode", "named"), WRONG_CARDS)
def test_a_wrong_card_is_refused_and_the_field_is_named(
    b: Bench, card: dict[str, Any], errcode: int, named: str
) -> None:
    told = send_card(b, card)
    assert told["errcode"] == errcode
    assert named in told["errmsg"]
    assert b.shown("xiaoli", "app") == []


@pytest.mark.parametrize("block", ["card_action", "button_list", "checkbox", "submit_button", "select_list"])
def test_a_missing_block_is_refused(b: Bench, block: str) -> None:
    owner = next(sample for sample in samples.ALL if block in sample())
    card = owner()
    del card[block]
    assert send_card(b, card)["errcode"] == 40058


def test_a_task_id_serves_one_card_of_the_app(b: Bench) -> None:
    assert send_card(b, samples.button_interaction("case-9"))["errcode"] == 0
    again = send_card(b, samples.vote_interaction("case-9"))
    assert (again["errcode"], "task_id" in again["errmsg"]) == (40058, True)


def test_long_texts_are_cut_on_the_phone_and_not_refused(b: Bench, wecom: Wecom) -> None:
    card = samples.button_interaction(main_title={"title": "题" * 60, "desc": "短"}, emphasis_content={"title": "1"})
    assert send_card(b, card)["errcode"] == 0
    body = b.shown("xiaoli", "app")[0]["body"]
    assert body["main_title"]["title"] == "题" * 35 + "…"
    assert "emphasis_content" not in body
    assert wecom.remarks == ["button_interaction does not show emphasis_content"]


def test_a_member_field_shows_the_name(b: Bench) -> None:
    send_card(b, samples.button_interaction())
    fields = b.shown("xiaoli", "app")[0]["body"]["horizontal_content_list"]
    assert next(one for one in fields if one.get("type") == 3)["value"] == "老王"


# updates and recall


def update(b: Bench, code: str, **more: Any) -> dict[str, Any]:
    body = {"userids": ["xiaoli"], "agentid": b.state.company.wecom.agentid, "response_code": code}
    return b.call("message/update_template_card", body | more)


def test_an_update_changes_the_copies_named_and_only_once(b: Bench) -> None:
    code = send_card(b, samples.button_interaction(), touser="xiaoli|laowang")["response_code"]
    told = update(b, code, userids=["XIAOLI", "zhaojie"], button={"replace_name": "已由小李认领"})
    assert told == {"errcode": 0, "errmsg": "ok", "invaliduser": ["zhaojie"]}
    assert b.shown("xiaoli", "app")[0]["body"]["replace_text"] == "已由小李认领"
    assert "replace_text" not in b.shown("laowang", "app")[0]["body"]
    assert "response_code" in update(b, code, button={"replace_name": "再来"})["errmsg"]


def test_an_update_may_change_everybody_to_a_card_of_another_kind(b: Bench) -> None:
    code = send_card(b, samples.button_interaction(), touser="xiaoli|laowang")["response_code"]
    assert update(b, code, userids=[], atall=1, template_card=samples.text_notice())["errcode"] == 0
    assert [b.shown(who, "app")[0]["body"]["card_type"] for who in ("xiaoli", "laowang")] == ["text_notice"] * 2


def test_a_response_code_dies_after_72_hours(b: Bench) -> None:
    code = send_card(b, samples.button_interaction())["response_code"]
    b.move(hours=73)
    assert update(b, code, button={"replace_name": "晚了"})["errcode"] == 40058


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"userids": []}, 82001),
        ({"userids": "xiaoli"}, 40058),
        ({"button": {}}, 40058),
        ({"agentid": 3}, 40056),
        ({"template_card": {"card_type": "text_notice"}}, 41016),
    ],
)
def test_a_wrong_update_is_refused_and_leaves_the_code_alive(b: Bench, more: dict[str, Any], errcode: int) -> None:
    code = send_card(b, samples.button_interaction())["response_code"]
    assert update(b, code, **({"button": {"replace_name": "x"}} | more))["errcode"] == errcode
    assert update(b, code, button={"replace_name": "好"})["errcode"] == 0


def test_an_update_cannot_take_the_task_id_of_another_card(b: Bench) -> None:
    send_card(b, samples.button_interaction("other"))
    code = send_card(b, samples.button_interaction("mine"))["response_code"]
    assert update(b, code, template_card=samples.button_interaction("other"))["errcode"] == 40058
    assert update(b, code, template_card=samples.button_interaction("mine-v2"))["errcode"] == 0


def test_a_message_can_be_recalled_for_a_day(b: Bench) -> None:
    first, second = (b.send("text", {"content": text})["msgid"] for text in ("一", "二"))
    assert b.call("message/recall", {"msgid": first})["errcode"] == 0
    assert [one["recalled"] for one in b.shown("xiaoli", "app")] == [True, False]
    b.move(hours=25)
    assert b.call("message/recall", {"msgid": second})["errcode"] == 40058


# callbacks to the hub


def test_a_text_comes_to_the_hub_as_encrypted_xml(b: Bench, wecom: Wecom) -> None:
    told = b.say("xiaoli", "app", "看板 <今天> & ]]>")
    seen = b.hub.seen[0]
    root = seen.xml(wecom.crypto)
    assert (told["answered"], told["kind"], told["tries"]) == (True, "empty", 1)
    assert seen.path == "/wecom/app"
    assert root.findtext("Content") == "看板 <今天> & ]]>"
    assert root.findtext("FromUserName") == "xiaoli"
    assert root.findtext("ToUserName") == "wwdemo00000000001"
    assert root.findtext("AgentID") == "1000042"
    assert root.findtext("CreateTime") == "1766368800"
    assert (root.findtext("MsgId") or "").isdigit()


def test_a_sandbox_started_again_repeats_no_message_id() -> None:
    numbers = []
    for _ in range(2):
        with bench() as again:
            again.say("xiaoli", "app", "一")
            again.say("xiaoli", "app", "二")
            crypto = wecom_of(again.state).crypto
            numbers += [int(seen.xml(crypto).findtext("MsgId") or "0") for seen in again.hub.seen]
    assert len(numbers) == 4
    assert numbers == sorted(set(numbers))
    assert all(0 < number < 2**63 for number in numbers)


def test_a_press_carries_the_choices_and_a_fresh_code(b: Bench, wecom: Wecom) -> None:
    code = send_card(b, samples.button_interaction())["response_code"]
    assert press(b, "claim", {"courier": ["sf"]})["answered"]
    root = b.hub.seen[0].xml(wecom.crypto)
    item = root.find("SelectedItems/SelectedItem")
    assert root.findtext("Event") == "template_card_event"
    assert [root.findtext(name) for name in ("EventKey", "TaskId", "CardType")] == [
        "claim",
        "case-1-v1",
        "button_interaction",
    ]
    assert item is not None
    assert item.findtext("QuestionKey") == "courier"
    assert [one.text for one in item.findall("OptionIds/OptionId")] == ["sf"]
    fresh = root.findtext("ResponseCode") or ""
    assert fresh != code
    assert update(b, fresh, button={"replace_name": "已认领"})["errcode"] == 0


def test_a_drop_down_that_nobody_touched_hands_back_its_first_option(b: Bench, wecom: Wecom) -> None:
    options = [{"id": "sf", "text": "顺丰"}, {"id": "zto", "text": "中通"}]
    for number, named in enumerate(({}, {"selected_id": "zto"})):
        asked = {"question_key": "courier", "option_list": options, **named}
        send_card(b, samples.button_interaction(f"t-{number}", button_selection=asked))
        press(b, "claim")
    found = [one.text for seen in b.hub.seen for one in seen.xml(wecom.crypto).iter("OptionId")]
    assert found == ["sf", "zto"]


def test_several_boxes_come_as_several_option_ids(b: Bench, wecom: Wecom) -> None:
    send_card(b, samples.vote_interaction())
    press(b, "submit_lines", {"lines": ["l0", "l2"]})
    root = b.hub.seen[0].xml(wecom.crypto)
    assert [one.text for one in root.iter("OptionId")] == ["l0", "l2"]
    assert b.shown("xiaoli", "app")[0]["picked"] == {"lines": ["l0", "l2"]}


def test_the_corner_menu_sends_its_own_event_without_choices(b: Bench, wecom: Wecom) -> None:
    send_card(b, samples.button_interaction())
    press(b, "mute")
    root = b.hub.seen[0].xml(wecom.crypto)
    assert root.findtext("Event") == "template_card_menu_event"
    assert root.find("SelectedItems") is None


def test_opening_the_chat_is_an_event_each_time(b: Bench, wecom: Wecom) -> None:
    for _ in range(2):
        b.post("/phones/api/enter", {"who": "xiaoli", "chat": "app"})
    assert [seen.xml(wecom.crypto).findtext("Event") for seen in b.hub.seen] == ["enter_agent"] * 2


def reply_to(who: str, fields: dict[str, Any]) -> dict[str, Any]:
    head = {"ToUserName": who, "FromUserName": "wwdemo00000000001", "CreateTime": 1735689601}
    return head | fields


def test_a_passive_text_is_shown(b: Bench, wecom: Wecom) -> None:
    answer = xml_reply(wecom.crypto, reply_to("xiaoli", {"MsgType": "text", "Content": "收到"}))
    b.hub.answer = lambda seen: answer
    assert b.say("xiaoli", "app", "在吗")["answer"] == {"msgtype": "text", "content": "收到"}
    assert [one["body"]["content"] for one in b.shown("xiaoli", "app")] == ["在吗", "收到"]


def test_a_passive_button_name_changes_the_clickers_copy_only(b: Bench, wecom: Wecom) -> None:
    send_card(b, samples.button_interaction(), touser="xiaoli|laowang")
    fields = {"MsgType": "update_button", "Button": {"ReplaceName": "已认领"}}
    b.hub.answer = lambda seen: xml_reply(wecom.crypto, reply_to("xiaoli", fields))
    assert press(b, "claim")["kind"] == "update_button"
    assert b.shown("xiaoli", "app")[0]["body"]["replace_text"] == "已认领"
    assert "replace_text" not in b.shown("laowang", "app")[0]["body"]
    assert "处理过" in press(b, "claim")["error"]


def test_a_passive_card_is_read_from_xml(b: Bench, wecom: Wecom) -> None:
    send_card(b, samples.button_interaction())
    card = {
        "CardType": "multiple_interaction",
        "MainTitle": {"Title": "改一下"},
        "SelectList": [
            {"QuestionKey": "a", "OptionList": [{"Id": "1", "Text": "一"}, {"Id": "2", "Text": "二"}]},
            {"QuestionKey": "b", "Disable": "true", "OptionList": [{"Id": "3", "Text": "三"}]},
        ],
        "SubmitButton": {"Text": "好", "Key": "go"},
    }
    fields = {"MsgType": "update_template_card", "TemplateCard": card}
    b.hub.answer = lambda seen: xml_reply(wecom.crypto, reply_to("xiaoli", fields))
    assert press(b, "claim")["kind"] == "update_template_card"
    body = b.shown("xiaoli", "app")[0]["body"]
    assert (body["task_id"], body["select_list"][1]["disable"]) == ("case-1-v1", True)
    assert [one["id"] for one in body["select_list"][0]["option_list"]] == ["1", "2"]


def test_an_answer_out_of_protocol_is_noted() -> None:
    with bench() as b:
        wecom = wecom_of(b.state)
        other = Crypto("OtherToken", KEY, "wwdemo00000000001")
        good = reply_to("xiaoli", {"MsgType": "text", "Content": "好"})
        answers: list[bytes] = [
            b"success",
            b'{"ok": true}',
            xml_reply(other, good),
            xml_reply(wecom.crypto, good | {"ToUserName": "laowang"}),
            xml_reply(wecom.crypto, good | {"MsgType": "markdown"}),
            xml_reply(wecom.crypto, good | {"Content": ""}),
            xml_reply(wecom.crypto, good | {"MsgType": "update_button", "Button": {"ReplaceName": "x"}}),
        ]
        for number, answer in enumerate(answers, 1):
            b.hub.answer = lambda seen, answer=answer: answer  # type: ignore[misc]
            assert b.say("xiaoli", "app", "在吗")["kind"] == "protocol_error"
            assert len(wecom.protocol_errors) == number
        assert len(b.shown("xiaoli", "app")) == len(answers)


def test_a_failing_hub_is_tried_three_times(b: Bench) -> None:
    b.hub.answer = lambda seen: 500
    told = b.say("xiaoli", "app", "在吗")
    assert (told["answered"], told["tries"], told["why"]) == (False, 3, "status 500")
    assert len(b.hub.seen) == 3
    assert len({seen.body for seen in b.hub.seen}) == 1


def test_a_hub_that_recovers_answers_on_the_second_try(b: Bench) -> None:
    b.hub.answer = lambda seen: 503 if len(b.hub.seen) == 1 else b""
    assert b.say("xiaoli", "app", "在吗")["tries"] == 2


def test_a_slow_hub_counts_as_silent(b: Bench) -> None:
    b.switch(deadline_seconds=0.05)
    gate = threading.Event()

    def answer(seen: Seen) -> bytes:
        gate.wait(5)
        return b""

    b.hub.answer = answer
    told = b.say("xiaoli", "app", "在吗")
    gate.set()
    assert (told["answered"], told["tries"], told["why"]) == (False, 3, "timeout")


def test_callbacks_can_be_doubled_dropped_and_cut_off(b: Bench) -> None:
    b.switch(duplicate_callbacks=1)
    b.say("xiaoli", "app", "两次")
    assert len(b.hub.seen) == 2
    b.switch(drop_callbacks=1)
    assert b.say("xiaoli", "app", "丢了")["why"] == "dropped"
    b.switch(hub_unreachable=True)
    assert b.say("xiaoli", "app", "断了")["why"] == "unreachable"
    assert len(b.hub.seen) == 2
    b.switch(hub_unreachable=False)
    assert b.say("xiaoli", "app", "好了")["answered"]


def test_an_unknown_switch_is_named(b: Bench) -> None:
    assert "earthquake" in b.switch(earthquake=True)["error"]
    assert "drop_callbacks" in b.switch(drop_callbacks="yes")["error"]


def test_the_url_check_wants_the_bare_plaintext(b: Bench, wecom: Wecom) -> None:
    def echo(seen: Seen) -> bytes:
        return wecom.crypto.open(seen.sealed(seen.query["echostr"]))

    assert "plaintext" in wecom.verify_url()
    b.hub.answer = lambda seen: b'"' + echo(seen) + b'"'
    assert "plaintext" in wecom.verify_url()
    b.hub.answer = echo
    assert b.post("/control/chat/verify", {"which": "wecom"}) == {"wecom": {"ok": True, "why": ""}}


# directory, login, media


def test_the_directory_has_everybody_in_one_department_each(b: Bench) -> None:
    token = b.token()
    person = b.get("/qyapi/cgi-bin/user/get", access_token=token, userid="XIAOLI")
    assert (person["userid"], person["name"], person["status"]) == ("xiaoli", "小李", 1)
    assert "mobile" not in person
    assert b.get("/qyapi/cgi-bin/user/get", access_token=token, userid="x")["errcode"] == 60111
    listed = b.get("/qyapi/cgi-bin/user/simplelist", access_token=token, department_id=person["department"][0])
    assert [one["userid"] for one in listed["userlist"]] == ["xiaoli"]
    root = b.get("/qyapi/cgi-bin/user/list", access_token=token, department_id=1, fetch_child=1)
    assert root["userlist"] == []
    assert b.get("/qyapi/cgi-bin/user/simplelist", access_token=token, department_id=77)["errcode"] == 60123


def test_open_userids_are_turned_back_and_plain_ones_come_back_as_invalid(b: Bench, wecom: Wecom) -> None:
    asked = [wecom.open_id("laowang"), "xiaoli"]
    told = b.call("batch/openuserid_to_userid", {"open_userid_list": asked})
    assert told["userid_list"] == [{"open_userid": asked[0], "userid": "laowang"}]
    assert told["invalid_open_userid_list"] == ["xiaoli"]
    assert b.call("batch/openuserid_to_userid", {})["errcode"] == 40058


def authorize(b: Bench, **more: str) -> requests.Response:
    query = {"appid": "wwdemo00000000001", "redirect_uri": f"{b.hub.url}/login?next=board", "state": "s1"} | more
    return requests.get(f"{b.base}/connect/oauth2/authorize", params=query, allow_redirects=False, timeout=5)


def test_a_login_code_works_once_and_for_five_minutes(b: Bench) -> None:
    place = authorize(b, who="chenjie").headers["Location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
    assert (query["next"], query["state"]) == ("board", "s1")
    path, token = "/qyapi/cgi-bin/auth/getuserinfo", b.token()
    assert b.get(path, access_token=token, code=query["code"])["userid"] == "chenjie"
    assert b.get(path, access_token=token, code=query["code"])["errcode"] == 40029
    late = parse_qs(urlsplit(authorize(b, who="chenjie").headers["Location"]).query)["code"][0]
    b.move(minutes=6)
    assert b.get(path, access_token=token, code=late)["errcode"] == 40029


def test_a_login_asks_who_it_is_or_refuses_a_wrong_request(b: Bench) -> None:
    assert "外包小周" in authorize(b).text
    assert authorize(b, appid="wwother").json()["errcode"] == 40013
    assert authorize(b, state="a b").json()["errcode"] == 40058
    assert authorize(b, redirect_uri="javascript:1").json()["errcode"] == 40058


def upload(b: Bench, kind: str, name: str, content: bytes) -> dict[str, Any]:
    query = {"access_token": b.token(), "type": kind}
    url, files = f"{b.base}/qyapi/cgi-bin/media/upload", {"media": (name, content)}
    told: dict[str, Any] = requests.post(url, params=query, files=files, timeout=5).json()
    return told


def test_an_uploaded_picture_is_kept_shown_and_dies_after_three_days(b: Bench) -> None:
    told = upload(b, "image", "board.png", b"\x89PNG-picture")
    assert b.send("image", {"media_id": told["media_id"]})["errcode"] == 0
    assert b.shown("xiaoli", "app")[0]["body"]["name"] == "board.png"
    assert requests.get(f"{b.base}/phones/media/{told['media_id']}", timeout=5).content == b"\x89PNG-picture"
    query = {"access_token": b.token(), "media_id": told["media_id"]}
    assert requests.get(f"{b.base}/qyapi/cgi-bin/media/get", params=query, timeout=5).content == b"\x89PNG-picture"
    b.move(days=3)
    assert b.send("image", {"media_id": told["media_id"]})["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "name", "content", "errcode"),
    [
        ("picture", "a.png", b"123456", 40004),
        ("image", "a.gif", b"123456", 40005),
        ("image", "a.png", b"12345", 40006),
        ("voice", "a.amr", b"1" * (2 * 1024 * 1024 + 1), 45001),
    ],
)
def test_a_wrong_upload_is_refused(b: Bench, kind: str, name: str, content: bytes, errcode: int) -> None:
    assert upload(b, kind, name, content)["errcode"] == errcode


def test_a_new_day_empties_the_phones_and_frees_the_task_ids(b: Bench) -> None:
    send_card(b, samples.button_interaction("case-1"))
    b.post("/control/reset", {"orders_before": 0})
    assert b.shown("xiaoli", "app") == []
    assert send_card(b, samples.button_interaction("case-1"))["errcode"] == 0


def test_a_hub_that_does_not_run_is_unreachable() -> None:
    gone = HubServer()
    gone.close()
    with bench(server={"hub": gone.url}) as b:
        assert b.say("xiaoli", "app", "在吗")["why"] == "unreachable"


@pytest.mark.parametrize("kind", sorted(PARTS))
def test_what_is_no_text_comes_with_its_own_fields(b: Bench, wecom: Wecom, kind: str) -> None:
    assert wecom.callback.send("xiaoli", kind).kind == "empty"
    root = b.hub.seen[-1].xml(wecom.crypto)
    assert (root.findtext("MsgType"), (root.findtext("MsgId") or "").isdigit()) == (kind, True)
    assert {name: root.findtext(name) for name in PARTS[kind]} == PARTS[kind]


def test_a_member_without_a_licence_is_named_and_not_reached(b: Bench, wecom: Wecom) -> None:
    wecom.unlicensed.add("laowang")
    told = b.send("text", {"content": "好"}, touser="xiaoli|laowang")
    assert (told["errcode"], told["unlicenseduser"], told["invaliduser"]) == (0, "laowang", "")
    assert b.shown("laowang", "app") == []
    assert b.send("text", {"content": "好"}, touser="laowang")["errcode"] == 81013
