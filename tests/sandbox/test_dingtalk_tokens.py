"""Tokens of the application: three interfaces, one token, two hosts (dingtalk.md 4.1, 4.2)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.ding_hub import KEY, Ding

SECRET = "demo-dingtalk-secret"


def gettoken(d: Ding, **changes: str) -> dict[str, Any]:
    return d.bench.get("/dingtalk/oapi/gettoken", **({"appkey": KEY, "appsecret": SECRET} | changes))


def me(d: Ding, token: str) -> dict[str, Any]:
    return d.old("/topapi/v2/user/get", {"userid": "dt-xiaoli"}, token=token)


def test_every_interface_gives_the_same_token_for_two_hours(d: Ding) -> None:
    first = gettoken(d)
    assert (first["errcode"], first["expires_in"]) == (0, 7200)
    new = d.post("/v1.0/oauth2/accessToken", {"appKey": KEY, "appSecret": SECRET}, token="")
    corp = {"client_id": KEY, "client_secret": SECRET, "grant_type": "client_credentials"}
    newest = d.post("/v1.0/oauth2/dingdemo0000000001/token", corp, token="")
    assert (new["accessToken"], new["expireIn"]) == (first["access_token"], 7200)
    assert (newest["access_token"], newest["expires_in"]) == (first["access_token"], 7200)


def test_asking_again_keeps_the_token_alive(d: Ding) -> None:
    token = gettoken(d)["access_token"]
    d.bench.move(minutes=110)
    assert gettoken(d)["access_token"] == token
    d.bench.move(minutes=110)
    assert me(d, token)["errcode"] == 0
    d.bench.move(minutes=11)
    assert me(d, token)["errcode"] == 40014
    assert gettoken(d)["access_token"] != token


def test_a_wrong_secret_gets_no_token(d: Ding) -> None:
    assert gettoken(d, appsecret="wrong")["errcode"] == 40089
    answer = d.call("POST", "/v1.0/oauth2/accessToken", {"appKey": KEY, "appSecret": "wrong"}, token="")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalidClientIdOrSecret")
    other = {"client_id": KEY, "client_secret": SECRET, "grant_type": "client_credentials"}
    assert d.post("/v1.0/oauth2/dingother/token", other, token="")["code"] == "invalidClientIdOrSecret"
    assert d.post("/v1.0/oauth2/dingdemo0000000001/token", {}, token="")["code"] == "unsupportedGrantType"


@pytest.mark.parametrize("token", ["", "never-given"])
def test_each_host_refuses_a_token_in_its_own_way(d: Ding, token: str) -> None:
    new = d.call("POST", "/v1.0/robot/groupMessages/send", {}, token=token)
    assert (new.status_code, new.json()["code"]) == (400, "InvalidAuthentication")
    assert {"message", "requestid"} <= new.json().keys()
    old = requests.post(f"{d.bench.base}/dingtalk/oapi/topapi/v2/user/get", params={"access_token": token}, timeout=10)
    assert (old.status_code, old.json()["errcode"]) == (200, 40014)
    assert {"errmsg", "request_id"} <= old.json().keys()


def test_the_new_host_reads_the_header_and_the_old_one_the_query(d: Ding) -> None:
    token = d.token()
    body = {"robotCode": KEY}
    url = f"{d.bench.base}/dingtalk/api/v1.0/robot/groupMessages/send"
    in_query = requests.post(url, json=body, params={"access_token": token}, timeout=10)
    assert in_query.json()["code"] == "InvalidAuthentication"
    old = f"{d.bench.base}/dingtalk/oapi/topapi/v2/user/get"
    in_header = requests.post(old, json={}, headers={"x-acs-dingtalk-access-token": token}, timeout=10)
    assert in_header.json()["errcode"] == 40014


def test_the_platform_may_end_a_token_early(d: Ding) -> None:
    token = d.token()
    d.control(expire_token=True)
    assert me(d, token)["errcode"] == 40014
    assert me(d, d.token())["errcode"] == 0
