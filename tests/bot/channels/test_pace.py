"""Rates are counted in one place, whoever sends and however much of them they may use."""

from __future__ import annotations

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from bot.channels import CHANNELS
from bot.channels.pace import MINUTE_AND_HOUR, Pace


def send(redis: Redis, number: int, name: str = "wecom_app", key: str = "xiaoli") -> list[float]:
    pace = Pace(redis, name)
    return [pace.wait_seconds((key,)) for _ in range(number)]


def test_every_rate_is_one_of_a_channel() -> None:
    assert set(MINUTE_AND_HOUR) <= set(CHANNELS)


@pytest.mark.parametrize("name", MINUTE_AND_HOUR)
def test_no_more_than_the_platform_takes_in_a_minute(redis: Redis, name: str) -> None:
    most = min(MINUTE_AND_HOUR[name][0], 200)
    if MINUTE_AND_HOUR[name][0] > most:
        return
    waits = send(redis, most + 1, name)
    assert waits[:most] == [0.0] * most
    assert 0 < waits[most] <= 60.1


def test_each_receiver_has_their_own(redis: Redis) -> None:
    send(redis, 30)
    assert send(redis, 1, key="laowang") == [0.0]
    assert Pace(redis, "wecom_app").wait_seconds(("laowang", "xiaoli")) > 0, "together they wait for the fullest"
    assert Pace(redis, "wecom_app").wait_for_share(("laowang",), 2 / 30) == 0.0, "and nothing was counted"


def test_what_goes_out_without_asking_counts_as_well(redis: Redis) -> None:
    for _ in range(29):
        Pace(redis, "wecom_bot").count("wrDEMO01")
    assert send(redis, 1, "wecom_bot", "wrDEMO01") == [0.0]
    assert send(redis, 1, "wecom_bot", "wrDEMO01")[0] > 0
    Pace(redis, "wecom_bot").count("wrDEMO01")


def test_a_share_is_counted_where_the_whole_is(redis: Redis) -> None:
    send(redis, 17)
    assert Pace(redis, "wecom_app").wait_for_share(("xiaoli",), 0.6) == 0.0
    send(redis, 1)
    wait = Pace(redis, "wecom_app").wait_for_share(("xiaoli",), 0.6)
    assert 55 < wait <= 60.1, "until the first of the newest eighteen is a minute old"
    assert Pace(redis, "wecom_app").wait_for_share(("xiaoli",), 0.9) == 0.0


def test_other_rates_count_in_the_same_place(redis: Redis) -> None:
    send(redis, 10)
    assert Pace(redis, "wecom_app", per_minute=10).wait_seconds(("xiaoli",)) > 0


def test_with_redis_away_it_says_so() -> None:
    away = Redis(port=1, retry=Retry(NoBackoff(), 0))
    with pytest.raises(RedisError):
        Pace(away, "wecom_app").wait_seconds(("xiaoli",))
