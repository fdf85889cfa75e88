"""The robot's own interfaces: sending, recalling, who has read, files (dingtalk.md 2.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.sandbox.ding_hub import GROUP, KEY, Ding

Json = dict[str, Any]
PICTURE = ("image", "看板.png", b"\x89PNG0000")


def people(d: Ding, **changes: Any) -> requests.Response:
    body = {"robotCode": KEY, "userIds": ["dt-xiaoli"], "msgKey": "sampleText", "msgParam": '{"content":"好"}'}
    return d.call("POST", "/v1.0/robot/oToMessages/batchSend", body | changes)


def test_a_message_reaches_those_it_can(d: Ding) -> None:
    told = d.say_to("dt-xiaoli", "dt-nobody", content="今天 12 单")
    assert told["processQueryKey"]
    assert (told["invalidStaffIdList"], told["flowControlledStaffIdList"]) == (["dt-nobody"], [])
    message = d.bench.shown("xiaoli", "ding")[-1]
    assert (message["kind"], message["body"], message["sender"]["kind"]) == ("text", {"content": "今天 12 单"}, "ding")


def test_some_receivers_are_slowed_down_and_named(d: Ding) -> None:
    d.switch(flow_control=1)
    assert d.say_to("dt-xiaoli", "dt-laowang")["flowControlledStaffIdList"] == ["dt-xiaoli"]
    assert [len(d.bench.shown(who, "ding")) for who in ("xiaoli", "laowang")] == [0, 1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"robotCode": None}, "MissingrobotCode"),
        ({"robotCode": "other"}, "invalidParameter.robotCode.auth"),
        ({"userIds": []}, "MissinguserIds"),
        ({"userIds": [f"u{number}" for number in range(21)]}, "invalidParameter.userIds.overMax"),
        ({"userIds": ["nobody"]}, "staffId.notExisted"),
        ({"msgKey": None}, "MissingmsgKey"),
        ({"msgKey": "text"}, "invalidParameter.msgKey.invalid"),
        ({"msgParam": None}, "MissingmsgParam"),
        ({"msgParam": {"content": "好"}}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": "好"}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": "[]"}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": '{"content": ""}'}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": '{"content": 1}'}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": json.dumps({"content": "x" * 15_000})}, "invalidParameter.msgParam.tooLong"),
    ],
)
def test_a_wrong_message_is_refused(d: Ding, change: Json, code: str) -> None:
    answer = people(d, **change)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert d.bench.shown("xiaoli", "ding") == []


def upload(d: Ding, kind: str, name: str, content: bytes) -> str:
    url = f"{d.bench.base}/dingtalk/oapi/media/upload"
    files = {"media": (name, content)}
    told = requests.post(url, params={"access_token": d.token()}, data={"type": kind}, files=files, timeout=10).json()
    return str(told["media_id"])


def test_every_kind_of_message_has_its_keys(d: Ding) -> None:
    picture, sheet = upload(d, *PICTURE), upload(d, "file", "补单.xlsx", b"PK0000")
    sound, film = upload(d, "voice", "a.amr", b"#!AMR0"), upload(d, "video", "a.mp4", b"0000ftyp")
    two = {
        "title": "t",
        "text": "x",
        "actionTitle1": "A",
        "actionURL1": "https://a",
        "actionTitle2": "B",
        "actionURL2": "https://b",
    }
    across = {
        "title": "t",
        "text": "x",
        "buttonTitle1": "A",
        "buttonUrl1": "https://a",
        "buttonTitle2": "B",
        "buttonUrl2": "https://b",
    }
    sent: list[tuple[str, Json, str]] = [
        ("sampleText", {"content": "好"}, "text"),
        ("sampleMarkdown", {"title": "看板", "text": "**12** 单"}, "markdown"),
        ("sampleImageMsg", {"photoURL": picture}, "image"),
        ("sampleImageMsg", {"photoURL": "https://example.com/a.png"}, "image"),
        ("sampleLink", {"title": "t", "text": "x", "messageUrl": "https://a", "picUrl": "https://b"}, "ding_link"),
        ("sampleActionCard", {"title": "t", "text": "x", "singleTitle": "A", "singleURL": "https://a"}, "ding_action"),
        ("sampleActionCard2", two, "ding_action"),
        ("sampleActionCard6", across, "ding_action"),
        ("sampleAudio", {"mediaId": sound, "duration": "3000"}, "voice"),
        ("sampleFile", {"mediaId": sheet, "fileName": "补单.xlsx", "fileType": "xlsx"}, "file"),
        ("sampleVideo", {"videoMediaId": film, "videoType": "mp4", "duration": "3", "picMediaId": picture}, "video"),
    ]  # fmt: skip
    for key, param, _ in sent:
        assert "processQueryKey" in d.say_to("dt-xiaoli", key=key, **param), key
    shown = d.bench.shown("xiaoli", "ding")
    assert [one["kind"] for one in shown] == [kind for _, _, kind in sent]
    assert [one["url"] for one in shown[6]["body"]["buttons"]] == ["https://a", "https://b"]
    assert (shown[6]["body"]["across"], shown[7]["body"]["across"]) == (False, True)
    assert requests.get(f"{d.bench.base}/phones/media/{picture}", timeout=5).content == PICTURE[2]


@pytest.mark.parametrize(
    ("key", "param"),
    [
        ("sampleMarkdown", {"title": "看板"}),
        ("sampleImageMsg", {"photoURL": "@lALnothing"}),
        ("sampleActionCard3", {"title": "t", "text": "x", "actionTitle1": "A", "actionURL1": "https://a"}),
        ("sampleActionCard6", {"title": "t", "text": "x", "actionTitle1": "A", "actionURL1": "https://a"}),
        ("sampleFile", {"mediaId": "@lAr", "fileName": "a.txt", "fileType": "txt"}),
        ("sampleAudio", {"mediaId": "@lAr", "duration": "3 s"}),
    ],
)
def test_a_message_without_one_of_its_keys_is_refused(d: Ding, key: str, param: Json) -> None:
    assert d.say_to("dt-xiaoli", key=key, **param)["code"] == "invalidParameter.msgParam.invalid"


def test_a_message_for_the_group(d: Ding) -> None:
    assert d.say_to_group("大家好")["processQueryKey"]
    assert d.shown("waiguan") == {"content": "大家好"}
    wrong = d.group_message("x") | {"openConversationId": "cidOTHER=="}
    assert d.post("/v1.0/robot/groupMessages/send", wrong)["code"] == "invalid.openConversationId"
    d.control(robot_in_group=False)
    assert d.say_to_group("x")["code"] == "resource.not.found"


def test_messages_are_taken_back_within_a_day(d: Ding) -> None:
    key, other = d.say_to("dt-xiaoli", "dt-laowang")["processQueryKey"], d.say_to("dt-xiaoli")["processQueryKey"]
    body = {"robotCode": KEY, "processQueryKeys": [key, "unknown"]}
    told = d.post("/v1.0/robot/otoMessages/batchRecall", body)
    assert (told["successResult"], list(told["failedResult"])) == ([key], ["unknown"])
    assert [one["recalled"] for one in d.bench.shown("xiaoli", "ding")] == [True, False]
    assert d.bench.shown("laowang", "ding")[-1]["recalled"] is True
    d.bench.move(hours=25)
    late = d.post("/v1.0/robot/otoMessages/batchRecall", body | {"processQueryKeys": [other]})
    assert list(late["failedResult"]) == [other]


def test_a_group_message_is_taken_back_by_the_groups_own_call(d: Ding) -> None:
    key = d.say_to_group("错了")["processQueryKey"]
    body = {"robotCode": KEY, "processQueryKeys": [key]}
    assert list(d.post("/v1.0/robot/otoMessages/batchRecall", body)["failedResult"]) == [key]
    told = d.post("/v1.0/robot/groupMessages/recall", body | {"openConversationId": GROUP})
    assert told["successResult"] == [key]
    assert d.bench.shown("xiaoli", "dgroup")[-1]["recalled"] is True


def test_who_has_read_is_told_for_a_day(d: Ding) -> None:
    key = d.say_to("dt-xiaoli", "dt-laowang")["processQueryKey"]
    d.bench.post("/phones/api/read", {"who": "xiaoli", "chat": "ding"})
    told = d.call("GET", "/v1.0/robot/oToMessages/readStatus", robotCode=KEY, processQueryKey=key).json()
    assert told["sendStatus"] == "SUCCESS"
    assert [(one["userId"], one["readStatus"]) for one in told["messageReadInfoList"]] == [
        ("dt-xiaoli", "READ"),
        ("dt-laowang", "UNREAD"),
    ]
    d.bench.move(hours=25)
    late = d.call("GET", "/v1.0/robot/oToMessages/readStatus", robotCode=KEY, processQueryKey=key)
    assert late.status_code == 400


def test_who_has_read_a_card_is_asked_by_its_carrier_and_it_cannot_be_taken_back(d: Ding) -> None:
    one = d.create(d.card_for("dt-xiaoli"))["result"]["deliverResults"][0]["carrierId"]
    told = d.call("GET", "/v1.0/robot/oToMessages/readStatus", robotCode=KEY, processQueryKey=one).json()
    assert [(line["userId"], line["readStatus"]) for line in told["messageReadInfoList"]] == [("dt-xiaoli", "UNREAD")]
    group = d.create(d.card("t-2"))["result"]["deliverResults"][0]["carrierId"]
    d.bench.post("/phones/api/read", {"who": "laowang", "chat": "dgroup"})
    body = {"robotCode": KEY, "openConversationId": GROUP, "processQueryKey": group}
    assert d.post("/v1.0/robot/groupMessages/query", body)["readUserIds"] == ["dt-laowang"]
    recall = d.post("/v1.0/robot/otoMessages/batchRecall", {"robotCode": KEY, "processQueryKeys": [one]})
    assert list(recall["failedResult"]) == [one]


def test_who_of_the_group_has_read_comes_in_pages(d: Ding) -> None:
    key = d.say_to_group("看一下")["processQueryKey"]
    for who in ("xiaoli", "laowang", "zhaojie"):
        d.bench.post("/phones/api/read", {"who": who, "chat": "dgroup"})
    body = {"robotCode": KEY, "openConversationId": GROUP, "processQueryKey": key, "maxResults": 2}
    first = d.post("/v1.0/robot/groupMessages/query", body)
    assert (first["readUserIds"], first["hasMore"]) == (["dt-xiaoli", "dt-laowang"], True)
    rest = d.post("/v1.0/robot/groupMessages/query", body | {"nextToken": first["nextToken"]})
    assert (rest["readUserIds"], rest["hasMore"]) == (["dt-zhaojie"], False)
    assert d.post("/v1.0/robot/groupMessages/query", body | {"maxResults": 201})["code"]


def test_a_sent_file_is_fetched_by_its_code_while_that_holds(d: Ding) -> None:
    client = d.connect()
    told = d.phones.send_file("xiaoli", "ding", "补单.xlsx", b"PK0001")
    assert told.answered
    body = client.said()
    assert (body["msgtype"], body["content"]["fileName"]) == ("file", "补单.xlsx")
    asked = {"robotCode": KEY, "downloadCode": body["content"]["downloadCode"]}
    url = d.post("/v1.0/robot/messageFiles/download", asked)["downloadUrl"]
    assert requests.get(url, timeout=5).content == b"PK0001"
    d.bench.move(hours=2)
    late = d.post("/v1.0/robot/messageFiles/download", asked)
    assert late["code"] == "invalidParameter.robotCode.downloadCode"
    assert requests.get(url, timeout=5).status_code == 403
    assert d.post("/v1.0/robot/messageFiles/download", {"robotCode": KEY})["code"] == "MissingdownloadCode"
