"""What customers do with the account beside writing, as the hub hears it; single notices; the mini program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.weixin_customers import Customers, customers_of
from tests.sandbox.chat_hub import Bench, bench
from tests.sandbox.test_weixin import token

CREATE, NOTICE = "/weixin/cgi-bin/qrcode/create", "/weixin/cgi-bin/message/subscribe/bizsend"
DATA = {"character_string1": "TB-1", "thing2": "杯", "character_string3": "SF1"}


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Iterator[Bench]:
    yield opened.new_day()
    opened.chat.settle()


@pytest.fixture
def people(b: Bench) -> Customers:
    return customers_of(b.state)


def openid(b: Bench) -> str:
    return b.state.company.customers[0].openid


def code(b: Bench, scene: str = "o.1.abc", **more: Any) -> dict[str, Any]:
    body = {"expire_seconds": 600, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
    return b.post(CREATE, body | more, access_token=token(b)["access_token"])


def event(b: Bench, people: Customers, *names: str) -> list[str]:
    root = b.hub.seen[-1].xml(people.weixin.crypto)
    return [root.findtext(name) or "" for name in names]


def test_a_scan_tells_what_the_code_carries(b: Bench, people: Customers) -> None:
    ticket = code(b)["ticket"]
    people.scan(openid(b), ticket)
    assert event(b, people, "Event", "EventKey", "Ticket") == ["SCAN", "o.1.abc", ticket]
    people.leave(openid(b))
    assert event(b, people, "Event") == ["unsubscribe"]
    people.scan(openid(b), ticket)
    assert event(b, people, "Event", "EventKey") == ["subscribe", "qrscene_o.1.abc"]


def test_a_code_ends_and_is_not_drawn_then(b: Bench) -> None:
    ticket = code(b)["ticket"]
    address = f"{b.base}/weixin/cgi-bin/showqrcode"
    shown = requests.get(address, params={"ticket": ticket}, timeout=5)
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpg")
    b.move(minutes=11)
    assert requests.get(address, params={"ticket": ticket}, timeout=5).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"expire_seconds": 2592001},
        {"action_name": "QR_SCENE"},
        {"action_info": {"scene": {"scene_str": "x" * 65}}},
        {"action_info": {}},
    ],
)
def test_a_code_that_the_platform_does_not_make(b: Bench, wrong: dict[str, Any]) -> None:
    assert code(b, **wrong)["errcode"] == 40053


def notice(b: Bench, data: dict[str, str] = DATA, **more: Any) -> dict[str, Any]:
    values = {key: {"value": value} for key, value in data.items()}
    body = {"touser": openid(b), "template_id": "note-shipped-0001", "data": values}
    return b.post(NOTICE, body | more, access_token=token(b)["access_token"])


def test_one_tap_is_one_notice(b: Bench, people: Customers) -> None:
    assert notice(b)["errcode"] == 43101
    people.tap(openid(b), "note-shipped-0001")
    assert event(b, people, "Event") == ["subscribe_msg_popup_event"]
    assert [notice(b)["errcode"] for _ in range(2)] == [0, 43101]


def test_a_refused_tap_and_a_later_refusal_give_none(b: Bench, people: Customers) -> None:
    people.tap(openid(b), "note-shipped-0001", accept=False)
    assert notice(b)["errcode"] == 43101
    people.tap(openid(b), "note-shipped-0001", "note-delayed-0001")
    people.refuse(openid(b), "note-shipped-0001")
    assert event(b, people, "Event") == ["subscribe_msg_change_event"]
    assert notice(b)["errcode"] == 43101


def test_a_notice_is_as_strict_as_a_template(b: Bench, people: Customers) -> None:
    people.tap(openid(b), "note-shipped-0001")
    assert "data.thing2.value" in notice(b, DATA | {"thing2": "杯" * 21})["errmsg"]
    assert notice(b, template_id="tmpl-shipped-0001")["errcode"] == 40037, "an id of the other feature"
    assert notice(b, touser="oNobody")["errcode"] == 40003


def test_the_mini_program_has_its_own_token_people_and_templates(b: Bench, people: Customers) -> None:
    mini, customer = b.state.company.mini, b.state.company.customers[0]
    query = {"grant_type": "client_credential", "appid": mini.appid, "secret": mini.secret}
    its = b.get("/mini/cgi-bin/token", **query)["access_token"]
    values = {"character_string1": "TB-1", "thing2": "杯", "time3": "10:05"}
    body = {"touser": customer.mini_openid, "template_id": "mini-delayed-0001",
            "data": {key: {"value": value} for key, value in values.items()}}  # fmt: skip
    send = "/mini/cgi-bin/message/subscribe/send"
    assert b.post(send, body, access_token=token(b)["access_token"])["errcode"] == 40001
    assert b.post(send, body, access_token=its)["errcode"] == 43101
    people.credits[customer.mini_openid, "mini-delayed-0001"] += 1
    assert b.post(send, body, access_token=its)["errcode"] == 0
    assert b.post(send, body | {"touser": customer.openid}, access_token=its)["errcode"] == 40003


def test_the_customers_phone_can_do_all_that(b: Bench, people: Customers) -> None:
    def do(**body: str) -> dict[str, Any]:
        return b.post("/phones/api/customer/do", body)

    assert "二维码不存在" in do(do="scan")["error"]
    code(b)
    for act, event_name in (("leave", "unsubscribe"), ("scan", "subscribe"), ("scan", "SCAN")):
        assert do(do=act)["answered"]
        assert event(b, people, "Event") == [event_name]
    assert do(do="allow", template="note-shipped-0001")["answered"]
    assert people.credits[openid(b), "note-shipped-0001"] == 1
    assert "allow" in do(do="fly")["error"]
