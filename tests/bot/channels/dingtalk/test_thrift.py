from __future__ import annotations

from datetime import UTC, datetime

import pytest
from redis import Redis

from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk.thrift import Thrift, thrift
from config_chat import DingTalk
from tests.bot.conftest import NO_RETRY

ROBOT = DingTalk(corpid="c", app_key="k", app_secret="s", name="订单助手")
FIRST = datetime(2025, 11, 30, 17, 0, tzinfo=UTC)  # 1 December, 01:00 in Beijing
LAST = datetime(2025, 12, 31, 15, 0, tzinfo=UTC)  # 31 December, 23:00 in Beijing


@pytest.mark.parametrize(
    ("units", "calls", "at", "saves"),
    [
        (0, 0, FIRST, Thrift.NOTHING),
        (140, 0, FIRST, Thrift.NOTHING),  # a busy first day
        (160, 0, FIRST, Thrift.UNITS),
        (160, 300, FIRST, Thrift.NOTHING),  # calls go faster still
        (2800, 100, LAST, Thrift.NOTHING),  # the month is over anyway
        (2999, 4799, LAST, Thrift.NOTHING),
        (2999, 4800, LAST, Thrift.CALLS),  # from here on cards are not sent any more
        (0, 5000, FIRST, Thrift.CALLS),
    ],
)
def test_units_are_saved_when_they_go_faster_than_the_month_and_calls_do_not(
    redis: Redis, units: int, calls: int, at: datetime, saves: Thrift
) -> None:
    quota = Quota(redis, ROBOT)
    quota.count(Kind.UNITS, units)
    quota.count(Kind.CALLS, calls)
    assert thrift(quota, ROBOT, at) is saves


def test_without_redis_nothing_is_saved() -> None:
    away = Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.1, retry=NO_RETRY)
    assert thrift(Quota(away, ROBOT), ROBOT, LAST) is Thrift.NOTHING
