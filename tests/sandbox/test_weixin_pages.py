"""WeChat around a company's page, as a client sees it that makes mistakes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.weixin_pages import Pages, pages_of
from tests.sandbox.chat_hub import Bench, bench


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Iterator[Bench]:
    yield opened.new_day()
    opened.chat.settle()


@pytest.fixture
def pages(b: Bench) -> Pages:
    return pages_of(b.state)


def asked(b: Bench, **more: str) -> dict[str, str]:
    return {
        "appid": b.state.company.weixin.appid, "redirect_uri": b.chat.hub("/o/x"), "response_type": "code",
        "scope": "snsapi_base", "state": "s", **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"appid": "wx0"}, "appid"),
        ({"scope": "snsapi_userinfo"}, "Scope"),
        ({"redirect_uri": "http://elsewhere/o/x"}, "redirect_uri"),
    ],
)
def test_a_wrong_address_of_the_login_is_told(b: Bench, wrong: dict[str, str], why: str) -> None:
    answer = requests.get(f"{b.base}/weixin/connect/oauth2/authorize", params=asked(b, **wrong), timeout=5)
    assert answer.status_code == 400
    assert why in answer.text


def redeem(b: Bench, code: str) -> Any:
    settings = b.state.company.weixin
    told = {"appid": settings.appid, "secret": settings.secret, "code": code, "grant_type": "authorization_code"}
    return b.get("/weixin/sns/oauth2/access_token", **told)


def test_a_code_is_worth_one_answer_within_five_minutes(b: Bench, pages: Pages) -> None:
    code = pages.issue()
    assert redeem(b, code)["openid"] == pages.first
    assert redeem(b, code)["errcode"] == 40163
    assert redeem(b, "made up")["errcode"] == 40029
    late = pages.issue()
    b.move(minutes=6)
    assert redeem(b, late)["errcode"] == 40029


def test_the_script_checks_who_signed_what(b: Bench, pages: Pages) -> None:
    ticket, left = pages.ticket()
    assert left <= 7200
    url = b.chat.hub("/o/x")
    text = f"jsapi_ticket={ticket}&noncestr=n&timestamp=1&url={url}"
    signature = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    good = {"appId": b.state.company.weixin.appid, "nonceStr": "n", "timestamp": 1, "signature": signature, "url": url}
    for wrong, why in (
        ({}, "config:ok"),
        ({"appId": "wx0"}, "config:invalid appid"),
        ({"url": "http://elsewhere/o/x"}, "config:invalid url domain"),
        ({"url": f"{url}?from=timeline"}, "config:invalid signature"),
    ):
        assert b.post("/weixin/jssdk/check", good | wrong) == {"errMsg": why}


def test_a_tap_is_counted_but_only_the_first_is_pushed(b: Bench, pages: Pages) -> None:
    template = "note-delayed-0001"
    for _ in range(2):
        assert b.post("/weixin/jssdk/tap", {"template": template})["errMsg"] == "subscribe:ok"
    assert pages.customers.credits[pages.first, template] == 2
    assert len(b.hub.seen) == 1
    assert b.post("/weixin/jssdk/tap", {"template": ""})["errCode"] == 10001
    assert b.post("/weixin/jssdk/tap", {"template": "made-up"})["errCode"] == 20001
    assert b.post("/weixin/jssdk/tap", {"template": ",".join([template] * 4)})["errCode"] == 20003
