"""What the edition allows: calls a month, messages a month, calls a second (dingtalk.md 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.dingtalk_errors import Declined, OldDeclined
from sandbox.dingtalk_quota import Quota
from tests.sandbox.chat_hub import MONDAY
from tests.sandbox.ding_hub import Ding

SEND = "POST /v1.0/robot/groupMessages/send"


@dataclass
class Wall:
    now: float = 0.0

    def epoch(self) -> float:
        return self.now


def quota(wall: Wall) -> Quota:
    return Quota(load_company().dingtalk, Clock(standing_at=MONDAY), wall)


def test_twenty_calls_a_second_of_each_interface_and_the_next_is_thrown_away() -> None:
    wall = Wall()
    counted = quota(wall)
    for _ in range(20):
        counted.call(SEND)
    with pytest.raises(Declined) as caught:
        counted.call(SEND)
    assert (caught.value.status, caught.value.code) == (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")
    counted.call("PUT /v1.0/card/instances")
    with pytest.raises(OldDeclined) as old:
        counted.old_call(SEND)
    assert old.value.errcode == 90018
    wall.now = 1.01
    counted.call(SEND)
    assert counted.told()["calls"] == 22
    assert counted.told()["rejected"] == {"QpsLimitForAppkeyAndApi": 2}


def test_the_month_ends_at_its_last_call_and_contacts_go_on(d: Ding) -> None:
    d.control(use_calls=4999)
    assert "processQueryKey" in d.say_to_group("一")
    answer = d.call("POST", "/v1.0/robot/groupMessages/send", d.group_message("二"))
    assert (answer.status_code, answer.json()["code"]) == (403, "Forbidden.AccessDenied.ApiCountLimitForOrg")
    assert d.old("/topapi/message/corpconversation/asyncsend_v2", {})["errcode"] == 90020
    assert d.old("/topapi/v2/user/get", {"userid": "dt-xiaoli"})["errcode"] == 0
    assert d.quota()["rejected"] == {"ApiCountLimitForOrg": 2}
    d.bench.move(days=10)  # January
    assert "processQueryKey" in d.say_to_group("三")
    assert (d.quota()["month"], d.quota()["calls"]) == ("2026-01", 1)


def test_tokens_logins_and_contacts_are_not_paid_for(d: Ding) -> None:
    d.connect()
    d.old("/topapi/v2/user/get", {"userid": "dt-xiaoli"})
    d.old("/topapi/v2/department/listsub", {"dept_id": 1})
    d.post("/v1.0/contact/users/search", {"queryWord": "小李", "offset": 0, "size": 10})
    d.old("/topapi/v2/user/getuserinfo", {"code": "none"})
    told = d.quota()
    assert told["calls"] == 0
    assert "POST /topapi/v2/user/get" in told["exempt_by_api"]


def test_what_is_refused_for_its_content_is_paid_for(d: Ding) -> None:
    d.post("/v1.0/robot/groupMessages/send", {})
    d.create({})
    assert d.quota()["calls_by_api"] == {SEND: 1, "POST /v1.0/card/instances/createAndDeliver": 1}


def test_messages_and_presses_are_counted_apart_from_calls(d: Ding) -> None:
    d.connect()
    d.create(d.card())
    d.bench.say("xiaoli", "dgroup", "看板")  # nobody is told
    d.bench.say("xiaoli", "dgroup", "@订单助手 看板")
    d.press("laowang", "claim")
    assert d.quota()["stream_by_kind"] == {"robot message": 1, "card callback": 1}


def test_when_the_messages_of_the_month_are_used_up_they_come_without_their_words(d: Ding) -> None:
    client = d.connect()
    d.control(use_stream=3000)
    d.bench.say("xiaoli", "ding", "我的")
    body = client.said()
    assert "text" not in body
    assert (body["errorCode"], body["senderStaffId"]) == (20001, "dt-xiaoli")
    d.control(reset_quota=True)
    d.bench.say("xiaoli", "ding", "我的")
    assert client.said(1)["text"]["content"] == "我的"


def test_a_permission_that_is_not_granted_is_named(d: Ding) -> None:
    d.control(withhold=["Card.Instance.Write", "qyapi_get_member"])
    answer = d.call("POST", "/v1.0/card/instances/createAndDeliver", d.card())
    assert (answer.status_code, answer.json()["code"]) == (
        403,
        "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    )
    assert "Card.Instance.Write" in answer.json()["message"]
    old = d.old("/topapi/v2/user/get", {"userid": "dt-xiaoli"})
    assert (old["errcode"], old["sub_code"]) == (88, "60011")
