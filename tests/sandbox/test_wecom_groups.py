"""Groups that the app made, a group's webhook and the app's menu: the stand-in is as strict as the pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.wecom import Wecom, wecom_of
from tests.sandbox import chat_samples as samples
from tests.sandbox.chat_hub import Bench, bench

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Bench:
    return opened.new_day()


@pytest.fixture
def wecom(b: Bench) -> Wecom:
    return wecom_of(b.state)


# groups of the app


def create(b: Bench, **more: Any) -> dict[str, Any]:
    asked = {"name": "青禾订单群", "userlist": ["xiaoli", "LaoWang", "chenjie"], "owner": "chenjie"}
    return b.call("appchat/create", asked | more)


def test_a_group_is_made_read_and_written(b: Bench, wecom: Wecom) -> None:
    made = create(b, chatid="orders01")
    assert (made["errcode"], made["chatid"]) == (0, "orders01")
    told = b.get("/qyapi/cgi-bin/appchat/get", access_token=b.token(), chatid="orders01")["chat_info"]
    assert told == {
        "chatid": "orders01",
        "name": "青禾订单群",
        "owner": "chenjie",
        "userlist": ["xiaoli", "laowang", "chenjie"],
    }
    assert b.call(
        "appchat/send", {"chatid": "orders01", "msgtype": "markdown", "markdown": {"content": "**在吗**"}}
    ) == {
        "errcode": 0,
        "errmsg": "ok",
    }
    (message,) = wecom.store.in_chat("appchat:orders01")
    assert message.body == {"content": "**在吗**"}
    assert wecom.store.viewers("appchat:orders01") == ["xiaoli", "laowang", "chenjie"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"userlist": ["xiaoli"]}, 86006),
        ({"userlist": "xiaoli"}, 40058),
        ({"userlist": ["xiaoli", "nobody"]}, 86216),
        ({"owner": "zhaojie"}, 40058),
        ({"chatid": "with-dash"}, 86001),
        ({"chatid": "x" * 33}, 86001),
    ],
)
def test_a_wrong_group_is_refused(b: Bench, change: dict[str, Any], code: int) -> None:
    assert create(b, **change)["errcode"] == code


def test_a_group_needs_the_whole_company_in_range_and_an_id_of_its_own(b: Bench, wecom: Wecom) -> None:
    create(b, chatid="one")
    assert create(b, chatid="one")["errcode"] == 86215
    wecom.chats.whole_company = False
    assert create(b)["errcode"] == 60011


def test_members_come_and_go(b: Bench, wecom: Wecom) -> None:
    create(b, chatid="one")
    assert (
        b.call("appchat/update", {"chatid": "one", "add_user_list": ["zhaojie"], "del_user_list": ["xiaoli"]})[
            "errcode"
        ]
        == 0
    )
    assert wecom.chats.chats["one"].members == ["laowang", "chenjie", "zhaojie"]
    few = b.call("appchat/update", {"chatid": "one", "del_user_list": ["laowang", "zhaojie"]})
    assert few["errcode"] == 86006
    assert b.call("appchat/update", {"chatid": "two", "name": "x"})["errcode"] == 40050


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"msgtype": "template_card", "template_card": samples.text_notice()}, 40008),
        ({"msgtype": "text", "text": {"content": " "}}, 44004),
        ({"msgtype": "text", "text": {"content": "好", "mentioned_list": "xiaoli"}}, 40058),
        ({"msgtype": "text", "text": {"content": "好"}, "safe": 2}, 40058),
        ({"msgtype": "file", "file": {"media_id": "unknown"}}, 40007),
        ({"chatid": "elsewhere", "msgtype": "text", "text": {"content": "好"}}, 40050),
    ],
)
def test_a_wrong_message_into_a_group_is_refused(b: Bench, sent: dict[str, Any], code: int) -> None:
    create(b, chatid="one")
    assert b.call("appchat/send", {"chatid": "one"} | sent)["errcode"] == code


def test_a_member_is_told_two_hundred_a_minute_and_the_rest_is_dropped_without_a_word(b: Bench, wecom: Wecom) -> None:
    create(b, chatid="one")
    for _ in range(201):
        wecom.chats.send({"chatid": "one", "msgtype": "text", "text": {"content": "好"}})
    assert len(wecom.dropped) == 3
    assert wecom.store.in_chat("appchat:one")[-1].only == frozenset()


def test_a_thousand_groups_a_day_are_enough(b: Bench, wecom: Wecom) -> None:
    for _ in range(1000):
        wecom.chats.create({"userlist": ["xiaoli", "laowang"]})
    assert create(b)["errcode"] == 45009


# the webhook


def hook(b: Bench, kind: str, part: Any, key: str = "") -> dict[str, Any]:
    key = key or b.state.company.wecom_hook.key
    return b.post("/qyapi/cgi-bin/webhook/send", {"msgtype": kind, kind: part}, key=key)


def notice(**more: Any) -> dict[str, Any]:
    return samples.text_notice(**more)


def test_the_webhook_writes_into_the_group(b: Bench, wecom: Wecom) -> None:
    assert hook(b, "text", {"content": "好", "mentioned_list": ["laowang"]})["errcode"] == 0
    assert hook(b, "markdown", {"content": "**好** <@laowang>"})["errcode"] == 0
    assert hook(b, "template_card", notice())["errcode"] == 0
    picture = {"base64": base64.b64encode(PNG).decode(), "md5": hashlib.md5(PNG).hexdigest()}
    assert hook(b, "image", picture)["errcode"] == 0
    kinds = [(message.sender, message.kind) for message in wecom.store.in_chat("group")]
    assert kinds == [("hook", kind) for kind in ("text", "markdown", "template_card", "image")]
    drawn = b.shown("xiaoli", "group")
    assert drawn[0]["sender"]["name"] == "消息推送"


@pytest.mark.parametrize(
    ("kind", "part", "code"),
    [
        ("text", {"content": ""}, 44004),
        ("text", {"content": "长" * 683}, 40058),
        ("markdown", {"content": "长" * 1366}, 40058),
        ("markdown", {"content": "好", "mentioned_list": ["laowang"]}, 40058),
        ("text", {"content": "好", "mentioned_list": "laowang"}, 40058),
        ("voice", {"media_id": "unknown"}, 40007),
        ("mpnews", {"articles": []}, 40008),
        ("text", "好", 40058),
        ("image", {"base64": "!!"}, 40058),
        ("image", {"base64": base64.b64encode(PNG).decode(), "md5": "0"}, 40058),
        ("image", {"base64": base64.b64encode(b"no picture").decode(), "md5": "0"}, 40005),
        ("template_card", samples.button_interaction(), 40058),
        ("template_card", notice(task_id="t-1"), 40058),
        ("template_card", notice(action_menu={"desc": "更多", "action_list": [{"text": "a", "key": "a"}]}), 40058),
    ],
)
def test_the_webhook_refuses_what_it_cannot_show(b: Bench, kind: str, part: Any, code: int) -> None:
    assert hook(b, kind, part)["errcode"] == code


@pytest.mark.parametrize(("state", "code"), [("removed", 93000), ("disabled", 93004), ("outside", 93008)])
def test_a_webhook_that_is_gone_says_so(b: Bench, state: str, code: int) -> None:
    assert b.post("/control/hook", {"state": state}) == {"state": state}
    assert hook(b, "text", {"content": "好"})["errcode"] == code
    assert b.post("/control/hook", {"state": "tired"})["error"]


def test_twenty_a_minute_and_no_more(b: Bench, wecom: Wecom) -> None:
    assert hook(b, "text", {"content": "好"}, key="wrong")["errcode"] == 93000
    answers = [hook(b, "text", {"content": "好"})["errcode"] for _ in range(21)]
    assert answers == [0] * 20 + [45009]
    b.move(seconds=61)
    assert hook(b, "text", {"content": "好"})["errcode"] == 0


def test_a_file_must_be_of_the_webhooks_own_upload(b: Bench, wecom: Wecom) -> None:
    foreign = wecom.store.keep("a.txt", "file", b"123456", "text/plain")
    assert hook(b, "file", {"media_id": foreign.media_id})["errcode"] == 40007
    address = f"{b.base}/qyapi/cgi-bin/webhook/upload_media"
    key = b.state.company.wecom_hook.key

    def upload(content: bytes, kind: str = "file") -> dict[str, Any]:
        files = {"media": ("a.txt", content)}
        told: dict[str, Any] = requests.post(address, params={"key": key, "type": kind}, files=files, timeout=30).json()
        return told

    assert upload(b"12345")["errcode"] == 40006
    assert upload(b"123456", "image")["errcode"] == 40004
    assert upload(b"x" * ((2 << 20) + 1), "voice")["errcode"] == 45001
    assert hook(b, "file", {"media_id": upload(b"123456")["media_id"]})["errcode"] == 0


# the menu


def menu(b: Bench, buttons: Any, **query: Any) -> dict[str, Any]:
    agent = {"agentid": b.state.company.wecom.agentid} | query
    return b.post("/qyapi/cgi-bin/menu/create", {"button": buttons}, access_token=b.token(), **agent)


CLICK = {"type": "click", "name": "看板", "key": "看板"}


def test_a_menu_is_kept_and_each_entry_says_its_key(b: Bench, wecom: Wecom) -> None:
    agent = {"access_token": b.token(), "agentid": b.state.company.wecom.agentid}
    assert b.get("/qyapi/cgi-bin/menu/get", **agent)["errcode"] == 46003
    below = [{"type": "view", "name": "打开看板", "url": "http://127.0.0.1/board"}, CLICK | {"key": "我的"}]
    assert menu(b, [CLICK, {"name": "更多", "sub_button": below}])["errcode"] == 0
    kept = b.get("/qyapi/cgi-bin/menu/get", **agent)["button"]
    assert kept[0] == {"sub_button": [], **CLICK}
    assert list(wecom.menu.reachable()) == ["看板", "我的"]
    b.post("/phones/api/click", {"who": "xiaoli", "key": "我的"})
    event = b.hub.seen[-1].xml(wecom.crypto)
    assert (event.findtext("Event"), event.findtext("EventKey")) == ("click", "我的")
    assert b.post("/phones/api/click", {"who": "xiaoli", "key": "别的"})["errcode"] == 40058
    assert b.get("/qyapi/cgi-bin/menu/delete", **agent)["errcode"] == 0
    assert not wecom.menu.buttons


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([CLICK] * 4, 40016),
        ([{"name": "更多", "sub_button": [CLICK] * 6}], 40023),
        ([CLICK | {"name": "六个汉字太长"}], 40018),
        ([CLICK | {"name": ""}], 40018),
        ([CLICK | {"key": "长" * 43}], 40019),
        ([CLICK | {"type": "dance"}], 40017),
        ([{"type": "view", "name": "看板", "url": "board"}], 40058),
        ([{"name": "更多", "sub_button": [CLICK | {"name": "长" * 14}]}], 40025),
    ],
)
def test_a_wrong_menu_is_refused(b: Bench, buttons: Any, code: int) -> None:
    assert menu(b, buttons)["errcode"] == code


def test_a_menu_belongs_to_an_app(b: Bench) -> None:
    assert menu(b, [CLICK], agentid=7)["errcode"] == 40056
    assert b.post("/qyapi/cgi-bin/menu/create", {"button": [CLICK]}, access_token=b.token())["errcode"] == 41011


# uploads of the app


@pytest.mark.parametrize(
    ("disposition", "code"),
    [
        ('form-data; name="media"; filename="异常.csv"', 0),
        ("form-data; name=\"media\"; filename*=UTF-8''%E5%BC%82.csv", 44001),
        ('form-data; name="media"', 44001),
        ('form-data; name="file"; filename="a.csv"', 44001),
    ],
)
def test_an_upload_needs_its_name_as_plain_utf8(b: Bench, wecom: Wecom, disposition: str, code: int) -> None:
    body = f"--x\r\nContent-Disposition: {disposition}\r\n\r\n123456\r\n--x--\r\n".encode()
    answer = requests.post(
        f"{b.base}/qyapi/cgi-bin/media/upload",
        params={"access_token": b.token(), "type": "file"},
        data=body,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        timeout=30,
    ).json()
    assert answer["errcode"] == code
    if not code:
        assert wecom.store.files[answer["media_id"]].name == "异常.csv"
