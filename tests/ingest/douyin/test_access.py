"""The token's life, on the real Redis; the platform is a list of what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from redis import Redis

from config import Shop
from ingest.douyin.access import AccessToken
from ingest.source import Action, PlatformError
from tests.ingest.fakes import failure

START = 1_772_332_200
WEEK = 7 * 24 * 3600


class Platform:
    """Answers in turn; an answer that is an error is raised."""

    def __init__(self, *answers: Mapping[str, Any] | PlatformError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, method: str, params: Mapping[str, Any], /) -> Mapping[str, Any]:
        self.asked.append((method, params))
        answer = self.answers.pop(0)
        if isinstance(answer, PlatformError):
            raise answer
        return answer

    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]


def pair(number: int, lasts: Any = WEEK) -> dict[str, Any]:
    return {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": lasts}


class Worker:
    def __init__(self, redis: Redis, platform: Platform, at: int = START) -> None:
        shop = Shop(
            slug="dy", platform="douyin", prefix="DY", name="x", gateway="http://127.0.0.1:1", app_key="1",
            app_secret="s", shop_id="7",
        )  # fmt: skip
        self.at = at
        self.token = AccessToken(shop, redis, platform, lambda: self.at)


def test_it_asks_with_the_number_of_the_shop(redis: Redis) -> None:
    platform = Platform(pair(1))
    assert Worker(redis, platform).token.get() == "access-1"
    assert platform.asked == [("token.create", {"code": "", "grant_type": "authorization_self", "shop_id": "7"})]


def test_it_is_shared_and_kept_until_its_last_hour(redis: Redis) -> None:
    platform = Platform(pair(1))
    one, other = Worker(redis, platform), Worker(redis, platform)
    one.token.get()
    for worker in (one, other):
        worker.at = START + WEEK - 51 * 60
        assert worker.token.get() == "access-1"
    assert platform.methods() == ["token.create"]


def test_in_its_last_hour_it_is_renewed_with_the_refresh_token(redis: Redis) -> None:
    platform = Platform(pair(1), pair(2))
    worker = Worker(redis, platform)
    worker.token.get()
    worker.at = START + WEEK - 49 * 60
    assert worker.token.get() == "access-2"
    assert platform.asked[1] == ("token.refresh", {"grant_type": "refresh_token", "refresh_token": "refresh-1"})


@pytest.mark.parametrize("action", [Action.RETRY, Action.WAIT, Action.PAUSE])
def test_a_renewal_that_fails_for_a_while_leaves_the_token_that_is_alive(redis: Redis, action: Action) -> None:
    platform = Platform(pair(1), failure(action), pair(2))
    worker = Worker(redis, platform)
    worker.token.get()
    worker.at = START + WEEK - 600
    assert worker.token.get() == "access-1"
    assert worker.token.get() == "access-1", "not tried again with every call"
    assert platform.methods() == ["token.create", "token.refresh"]
    worker.at += 60
    assert worker.token.get() == "access-2"


def test_a_renewal_that_fails_after_the_end_is_an_error(redis: Redis) -> None:
    platform = Platform(pair(1), failure(Action.RETRY))
    worker = Worker(redis, platform)
    worker.token.get()
    worker.at = START + WEEK
    with pytest.raises(PlatformError):
        worker.token.get()


def test_a_refresh_token_that_is_refused_makes_it_ask_anew(redis: Redis) -> None:
    platform = Platform(pair(1), failure(Action.PARK), pair(2))
    worker = Worker(redis, platform)
    worker.token.get()
    worker.at = START + 2 * WEEK
    assert worker.token.get() == "access-2"
    assert platform.methods() == ["token.create", "token.refresh", "token.create"]


def test_a_refused_token_is_not_given_out_again(redis: Redis) -> None:
    platform = Platform(pair(1), pair(1), pair(2))
    worker = Worker(redis, platform)
    assert worker.token.renew(worker.token.get()) == "access-2"
    assert platform.methods() == ["token.create", "token.refresh", "token.create"]


def test_what_another_worker_has_renewed_is_taken_without_asking(redis: Redis) -> None:
    platform = Platform(pair(1), pair(2))
    one, other = Worker(redis, platform), Worker(redis, platform)
    refused = one.token.get()
    assert other.token.get() == refused
    assert one.token.renew(refused) == "access-2"
    assert other.token.renew(refused) == "access-2"
    assert len(platform.asked) == 2


def test_a_clock_that_the_platform_refuses_is_not_taken_for_a_refused_token(redis: Redis) -> None:
    platform = Platform(pair(1), failure(Action.CLOCK))
    worker = Worker(redis, platform)
    worker.token.get()
    worker.at = START + WEEK
    with pytest.raises(PlatformError) as caught:
        worker.token.get()
    assert caught.value.resolution.action is Action.CLOCK


def test_its_end_may_be_told_as_a_moment(redis: Redis) -> None:
    platform = Platform(pair(1, START + WEEK), pair(2))
    worker = Worker(redis, platform)
    worker.at = START + WEEK - 51 * 60
    assert worker.token.get() == "access-1"
    worker.at = START + WEEK - 49 * 60
    assert worker.token.get() == "access-2"


@pytest.mark.parametrize(
    "said", [{}, {"access_token": "x"}, {"expires_in": 5}, pair(1, "soon"), pair(1, -1), pair(1, "9" * 5000)]
)
def test_a_reply_without_a_token_is_tried_again(redis: Redis, said: dict[str, Any]) -> None:
    with pytest.raises(PlatformError) as caught:
        Worker(redis, Platform(said)).token.get()
    assert caught.value.resolution.action is Action.RETRY


def test_what_another_version_has_kept_is_asked_for_anew(redis: Redis) -> None:
    Worker(redis, Platform(pair(1))).token.get()
    (key,) = redis.keys("hub:douyin:*")
    redis.set(key, b'{"token":"x"}')
    assert Worker(redis, Platform(pair(2))).token.get() == "access-2"


def test_another_secret_has_another_token(redis: Redis) -> None:
    platform = Platform(pair(1), pair(2))
    Worker(redis, platform).token.get()
    changed = Shop(
        slug="dy", platform="douyin", prefix="DY", name="x", gateway="http://127.0.0.1:1", app_key="1",
        app_secret="new", shop_id="7",
    )  # fmt: skip
    assert AccessToken(changed, redis, platform, lambda: START).get() == "access-2"
