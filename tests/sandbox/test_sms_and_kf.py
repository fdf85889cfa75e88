"""The stand-ins of the SMS interface and of 微信客服, as a client sees them that makes mistakes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.sms import sms_of
from sandbox.wecom_kf import kf_of
from tests.sandbox.chat_hub import Bench, bench


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Iterator[Bench]:
    yield opened.new_day()
    opened.chat.settle()


def sms(b: Bench, **headers: str) -> dict[str, Any]:
    kept = {"Content-Type": "application/json", "X-TC-Action": "SendSms", "X-TC-Version": "2021-01-11", **headers}
    answer = requests.post(f"{b.base}/", data=b"{}", headers=kept, timeout=5).json()
    found: dict[str, Any] = answer["Response"]["Error"]
    return found


def signed(b: Bench, **more: str) -> str:
    parts = {"id": b.state.company.sms.secret_id, "date": time.strftime("%Y-%m-%d", time.gmtime()), "sign": "0" * 64}
    parts |= more
    return (
        f"TC3-HMAC-SHA256 Credential={parts['id']}/{parts['date']}/sms/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={parts['sign']}"
    )


def test_what_is_not_signed_is_refused_with_its_reason(b: Bench) -> None:
    now = {"X-TC-Timestamp": str(int(time.time()))}
    assert sms(b)["Code"] == "AuthFailure.InvalidAuthorization"
    assert sms(b, Authorization=signed(b), **now)["Code"] == "AuthFailure.SignatureFailure"
    assert sms(b, Authorization=signed(b, id="AKIDother"), **now)["Code"] == "AuthFailure.SecretIdNotFound"
    old = {"X-TC-Timestamp": str(int(time.time()) - 4000)}
    assert sms(b, Authorization=signed(b), **old)["Code"] == "AuthFailure.SignatureExpire"
    assert sms_of(b.state).sent == []


def test_an_answer_is_told_until_it_is_taken(b: Bench) -> None:
    number = f"+86{b.state.company.customers[0].phone}"
    body = b.post("/sms/api/answer", {"number": number, "words": "TD"})
    assert set(body) == {"taken"}
    told = b.hub.seen[-1]
    assert b.post("/sms/api/answer", {"number": "12345", "words": "TD"}).keys() == {"error"}
    assert json.loads(told.body) | {"time": 0} == {
        "extend": "", "mobile": number[3:], "nationcode": "86", "sign": b.state.company.sms.sign, "text": "TD",
        "time": 0,
    }  # fmt: skip


def token(b: Bench) -> str:
    company = b.state.company
    query = {"corpid": company.wecom.corpid, "corpsecret": company.kf.secret}
    return str(b.get("/qyapi/cgi-bin/gettoken", **query)["access_token"])


def send(b: Bench, **more: Any) -> dict[str, Any]:
    customer, kf = b.state.company.customers[0], b.state.company.kf
    body = {"touser": customer.external_userid, "open_kfid": kf.open_kfid, "msgid": "m1", "msgtype": "text",
            "text": {"content": "好"}}  # fmt: skip
    return b.post("/qyapi/cgi-bin/kf/send_msg", body | more, access_token=token(b))


def test_the_hub_is_told_that_something_came_and_fetches_it(b: Bench) -> None:
    kf = kf_of(b.state)
    kf.say(b.state.company.customers[0].openid, "到哪了")
    root = b.hub.seen[-1].xml(kf.wecom.crypto)
    assert [root.findtext(name) for name in ("Event", "OpenKfId", "FromUserName")] == [
        "kf_msg_or_event", kf.settings.open_kfid, None,
    ]  # fmt: skip
    sync = {"open_kfid": kf.settings.open_kfid, "token": root.findtext("Token")}
    got = b.post("/qyapi/cgi-bin/kf/sync_msg", sync, access_token=token(b))
    assert [one["text"]["content"] for one in got["msg_list"]] == ["到哪了"]
    assert b.post("/qyapi/cgi-bin/kf/sync_msg", sync | {"token": "old"}, access_token=token(b))["errcode"] == 95007
    b.move(minutes=11)
    assert b.post("/qyapi/cgi-bin/kf/sync_msg", sync, access_token=token(b))["errcode"] == 95007
    assert b.post("/qyapi/cgi-bin/kf/sync_msg", sync | {"limit": 1001}, access_token=token(b))["errcode"] == 40058


def test_it_may_write_five_times_and_never_the_same_twice(b: Bench) -> None:
    assert send(b)["errcode"] == 95018
    kf_of(b.state).say(b.state.company.customers[0].openid, "在吗")
    assert [send(b, msgid=f"m{number}")["errcode"] for number in range(6)] == [0, 0, 0, 0, 0, 95001]
    kf_of(b.state).say(b.state.company.customers[0].openid, "在吗")
    assert send(b, msgid="m1")["errcode"] == 95011
    kf_of(b.state).handed_over = True
    assert send(b, msgid="m9")["errcode"] == 95018


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"open_kfid": "wkOther"}, 95000),
        ({"touser": "wmNobody"}, 40096),
        ({"msgid": "ä"}, 40058),
        ({"text": {"content": "字" * 700}}, 40058),
        ({"msgtype": "template_card"}, 40058),
    ],
)
def test_what_it_does_not_take(b: Bench, wrong: dict[str, Any], code: int) -> None:
    assert send(b, **wrong)["errcode"] == code


def test_the_app_has_another_token(b: Bench) -> None:
    company = b.state.company
    query = {"corpid": company.wecom.corpid, "corpsecret": company.wecom.secret}
    its = b.get("/qyapi/cgi-bin/gettoken", **query)["access_token"]
    assert json.dumps(b.post("/qyapi/cgi-bin/kf/send_msg", {}, access_token=its)).count("40014") == 1
