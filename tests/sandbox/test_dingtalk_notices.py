"""Work notices: into each person's own conversation, and dropped without a word (dingtalk.md section 6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.ding_hub import Ding

Json = dict[str, Any]
PREFIX = "/topapi/message/corpconversation"
TEXT = {"msgtype": "text", "text": {"content": "有 3 单超时"}}


def send(d: Ding, msg: Any = TEXT, users: Any = "dt-xiaoli", **changes: Any) -> Json:
    body = {"agent_id": d.settings.agent_id, "userid_list": users, "msg": msg} | changes
    return d.old(f"{PREFIX}/asyncsend_v2", body)


def result(d: Ding, task: int) -> Json:
    told = d.old(f"{PREFIX}/getsendresult", {"agent_id": d.settings.agent_id, "task_id": task})
    found: Json = told["send_result"]
    return found


def test_a_notice_lies_in_the_persons_own_conversation(d: Ding) -> None:
    told = send(d, users="dt-xiaoli,dt-laowang,dt-nobody")
    assert told["errcode"] == 0
    assert [d.shown(who, "notice")["content"] for who in ("xiaoli", "laowang")] == ["有 3 单超时"] * 2
    d.bench.post("/phones/api/read", {"who": "xiaoli", "chat": "notice"})
    found = result(d, told["task_id"])
    assert (found["invalid_user_id_list"], found["read_user_id_list"], found["unread_user_id_list"]) == (
        ["dt-nobody"],
        ["dt-xiaoli"],
        ["dt-laowang"],
    )


def test_the_same_words_to_the_same_person_come_once_a_day_and_nobody_is_told(d: Ding) -> None:
    send(d)
    again = send(d, users="dt-xiaoli,dt-laowang")
    assert again["errcode"] == 0
    assert len(d.bench.shown("xiaoli", "notice")) == 1
    assert len(d.bench.shown("laowang", "notice")) == 1
    assert result(d, again["task_id"])["forbidden_user_id_list"] == ["dt-xiaoli"]
    assert d.bench.get("/control/dingtalk")["dropped"] == 1
    d.bench.move(days=1)
    send(d)
    assert len(d.bench.shown("xiaoli", "notice")) == 2


def test_more_than_500_a_day_are_dropped(d: Ding) -> None:
    with d.any_speed():
        for number in range(501):
            assert send(d, {"msgtype": "text", "text": {"content": str(number)}})["errcode"] == 0
    assert len(d.bench.shown("xiaoli", "notice")) == 500


def test_everybody_may_be_told_and_a_notice_may_be_taken_back(d: Ding) -> None:
    told = send(d, users=None, to_all_user=True)
    assert len(result(d, told["task_id"])["unread_user_id_list"]) == 5
    body = {"agent_id": d.settings.agent_id, "msg_task_id": told["task_id"]}
    assert d.old(f"{PREFIX}/recall", body)["errcode"] == 0
    assert d.bench.shown("waiguan", "notice")[-1]["recalled"] is True


def test_the_kinds_have_names_of_their_own(d: Ding) -> None:
    card = {"title": "t", "markdown": "x", "single_title": "看", "single_url": "https://a"}
    listed = [{"title": "好", "action_url": "https://a"}, {"title": "不", "action_url": "https://b"}]
    two = {"title": "t", "markdown": "x", "btn_orientation": "1", "btn_json_list": listed}
    sent: list[tuple[str, Json]] = [
        ("markdown", {"title": "看板", "text": "**12** 单"}),
        ("link", {"title": "t", "text": "x", "messageUrl": "https://a", "picUrl": "@lAL"}),
        ("action_card", card),
        ("action_card", two),
    ]
    for kind, part in sent:
        assert send(d, {"msgtype": kind, kind: part})["errcode"] == 0
    assert send(d, json.dumps(TEXT))["errcode"] == 0
    shown = d.bench.shown("xiaoli", "notice")
    assert [one["kind"] for one in shown] == ["markdown", "ding_link", "ding_action", "ding_action", "text"]
    assert [len(one["body"]["buttons"]) for one in shown[2:4]] == [1, 2]


@pytest.mark.parametrize(
    ("msg", "changes", "errcode"),
    [
        (TEXT, {"agent_id": 1}, 400002),
        (TEXT, {"userid_list": None}, 40035),
        (TEXT, {"userid_list": ["dt-xiaoli"]}, 40035),
        (TEXT, {"userid_list": ",".join(f"u{number}" for number in range(101))}, 40035),
        (None, {}, 40035),
        ("text", {}, 40035),
        ({"msgtype": "actionCard", "actionCard": {}}, {}, 400105),
        ({"msgtype": "action_card", "action_card": {"title": "t", "markdown": "x"}}, {}, 40035),
        ({"msgtype": "image", "image": {"media_id": "@nothing"}}, {}, 40007),
        ({"msgtype": "text", "text": {"content": "字" * 700}}, {}, 40035),
    ],
)
def test_a_wrong_notice_is_refused(d: Ding, msg: Any, changes: Json, errcode: int) -> None:
    assert send(d, msg, **changes)["errcode"] == errcode


def test_results_are_kept_for_a_day(d: Ding) -> None:
    task = send(d)["task_id"]
    d.bench.move(hours=25)
    told = d.old(f"{PREFIX}/getsendresult", {"agent_id": d.settings.agent_id, "task_id": task})
    assert told["errcode"] == 400002
