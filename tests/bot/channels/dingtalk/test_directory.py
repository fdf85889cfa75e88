"""Who is in the company, against the platform's stand-in."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from bot.channels.colleague import Colleague
from bot.channels.dingtalk.api import DingApi
from bot.channels.dingtalk.directory import colleagues, find
from bot.channels.dingtalk.quota import Kind
from bot.channels.sending import SendError
from bot.directory import everybody
from config import Settings
from tests.bot.channels.dingtalk.ding_town import DingTown, plain_settings, saying


def test_everybody_with_department_and_who_is_active(ding_town: DingTown, api: DingApi) -> None:
    ding_town.ding.inactive.add("dt-laowang")
    found = {one.userid: one for one in colleagues(api)}
    assert found["dt-xiaoli"] == Colleague("dingtalk", "dt-xiaoli", "小李", ("客服部",), True)
    assert not found["dt-laowang"].active
    assert len(found) == len(ding_town.state.company.people)
    assert api.quota.used(Kind.CALLS) == 0, "questions about people are free"
    assert not ding_town.calls


def test_one_of_them(ding_town: DingTown, api: DingApi) -> None:
    found = find(api, "dt-xiaoli")
    assert found is not None
    assert (found.name, found.active) == ("小李", True)
    assert find(api, "dt-nobody") is None


def test_a_missing_permission_is_named(ding_town: DingTown, api: DingApi) -> None:
    for scope in ("qyapi_get_department_list", "qyapi_get_department_member"):
        ding_town.ding.withheld = {scope}
        with pytest.raises(SendError) as error:
            colleagues(api)
        assert scope in str(error.value)
    ding_town.ding.withheld = {"qyapi_get_member"}
    with pytest.raises(SendError):
        find(api, "dt-xiaoli")


def test_both_platforms_together(ding_conf: Settings, redis: Redis) -> None:
    alone = ding_conf.model_copy(update={"wecom": None})
    assert {one.platform for one in everybody(alone, redis)} == {"dingtalk"}


def test_a_cursor_that_never_ends_ends(redis: Redis) -> None:
    asked: list[Any] = []
    member = {"userid": "u", "name": "张三", "dept_id_list": [1]}
    answer = {"errcode": 0, "result": {"has_more": True, "next_cursor": 0, "list": [member]}}
    with saying(200, answer, asked=asked) as url:
        (one,) = colleagues(DingApi(plain_settings(url), redis))
    assert one == Colleague("dingtalk", "u", "张三")
    assert len(asked) == 201
