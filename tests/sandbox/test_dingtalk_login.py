"""Logins: inside DingTalk by the client's code, outside by the login page (dingtalk.md 5.3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.ding_hub import KEY, Ding

Json = dict[str, Any]
RIGHT = {
    "client_id": KEY,
    "response_type": "code",
    "scope": "openid corpid",
    "prompt": "consent",
    "redirect_uri": "http://127.0.0.1:1/login/dingtalk?next=/",
    "state": "st",
}


def page(d: Ding, path: str = "/dingtalk/login/oauth2/auth", **changes: str) -> requests.Response:
    query = RIGHT | changes
    return requests.get(d.bench.base + path, params=query, allow_redirects=False, timeout=5)


def code_outside(d: Ding, who: str = "laowang") -> str:
    return parse_qs(urlsplit(page(d, who=who).headers["Location"]).query)["authCode"][0]


def code_inside(d: Ding, who: str = "laowang") -> str:
    query = {"corpId": d.settings.corpid, "clientId": KEY, "who": who}
    return str(d.bench.get("/dingtalk/jsapi/code", **query)["code"])


def exchange(d: Ding, code: str, **changes: str) -> Json:
    body = {"clientId": KEY, "clientSecret": d.settings.app_secret, "grantType": "authorization_code", "code": code}
    return d.post("/v1.0/oauth2/userAccessToken", body | changes, token="")


def test_the_login_page_sends_back_with_a_code_and_the_state(d: Ding) -> None:
    for path in ("/dingtalk/login", "/dingtalk/login/oauth2/auth"):
        target = urlsplit(page(d, path, who="laowang").headers["Location"])
        query = parse_qs(target.query)
        assert (target.path, query["next"], query["state"]) == ("/login/dingtalk", ["/"], ["st"])
        assert query["authCode"]


def test_the_login_page_asks_who_it_is_unless_the_phones_say_so(d: Ding) -> None:
    assert "赵姐" in page(d).text
    session = requests.Session()
    session.get(f"{d.bench.base}/phones/api/state", params={"who": "zhaojie"}, timeout=5)
    answer = session.get(f"{d.bench.base}/dingtalk/login", params=RIGHT, allow_redirects=False, timeout=5)
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"response_type": "token"},
        {"prompt": ""},
        {"scope": "corpid"},
        {"redirect_uri": "/login"},
    ],
)
def test_a_wrong_address_of_the_login_page_is_refused(d: Ding, changes: Json) -> None:
    assert page(d, who="laowang", **changes).status_code == 400


def test_a_code_from_outside_leads_to_the_person_by_the_union_id(d: Ding) -> None:
    told = exchange(d, code_outside(d))
    assert (told["corpId"], told["expireIn"]) == (d.settings.corpid, 7200)
    me = d.call("GET", "/v1.0/contact/users/me", token=told["accessToken"]).json()
    assert me["nick"] == "老王"
    assert d.old("/topapi/user/getbyunionid", {"unionid": me["unionId"]})["result"]["userid"] == "dt-laowang"
    assert d.call("GET", "/v1.0/contact/users/me").json()["code"] == "InvalidAuthentication"


def test_a_code_from_inside_names_the_person(d: Ding) -> None:
    found = d.old("/topapi/v2/user/getuserinfo", {"code": code_inside(d, "chenjie")})["result"]
    assert (found["userid"], found["name"], found["sys"], found["sys_level"]) == ("dt-chenjie", "陈姐", True, 1)


def test_a_code_counts_once_for_five_minutes_and_for_its_own_interface(d: Ding) -> None:
    inside, outside = code_inside(d), code_outside(d)
    assert d.old("/topapi/v2/user/getuserinfo", {"code": outside})["errcode"] == 40078
    assert exchange(d, inside)["code"] == "invalidParameter.authCode.notFound"
    inside, outside = code_inside(d), code_outside(d)
    assert d.old("/topapi/v2/user/getuserinfo", {"code": inside})["errcode"] == 0
    assert d.old("/topapi/v2/user/getuserinfo", {"code": inside})["errcode"] == 40078
    d.bench.move(minutes=6)
    assert exchange(d, outside)["code"] == "invalidParameter.authCode.notFound"
    late = code_inside(d)
    d.control(expire_codes=True)
    assert d.old("/topapi/v2/user/getuserinfo", {"code": late})["errcode"] == 40078


def test_the_exchange_wants_the_applications_secret(d: Ding) -> None:
    assert exchange(d, code_outside(d), clientSecret="wrong")["code"] == "invalidClientIdOrSecret"
    assert exchange(d, code_outside(d), grantType="refresh_token")["code"] == "invalidParameter.grantType"


def test_a_code_needs_the_right_company_and_somebody_at_the_phone(d: Ding) -> None:
    for query in ({"corpId": "other", "who": "laowang"}, {"corpId": d.settings.corpid}):
        answer = requests.get(f"{d.bench.base}/dingtalk/jsapi/code", params=query, timeout=5)
        assert (answer.status_code, "code" in answer.json()) == (403, False)


def test_the_page_script_stands_in_for_the_clients_own(d: Ding) -> None:
    script = requests.get(f"{d.bench.base}/dingtalk/jsapi.js", timeout=5)
    assert "requestAuthCode" in script.text
    assert f"{d.bench.base}/dingtalk/jsapi/code" in script.text
    ticket = d.post("/v1.0/oauth2/jsapiTickets")
    assert (bool(ticket["jsapiTicket"]), ticket["expireIn"]) == (True, 7200)
