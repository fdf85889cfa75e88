"""One token in Redis for all workers: fetched once, replaced when it is refused, never by two at a time."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis

from ingest.access_token import AccessToken, Api, token_in
from ingest.http import Wire
from ingest.source import Action, PlatformError, Resolution, Whose
from tests.ingest.means import bare
from tests.ingest.serving import Form, serving


class Platform:
    """Gives tokens; by force a new one, else the one that lives."""

    def __init__(self) -> None:
        self.number = 1
        self.asked: list[bool] = []

    def fetch(self, alive_too: bool) -> tuple[str, int]:
        self.asked.append(alive_too)
        self.number += alive_too
        return f"token-{self.number}", 7200


def test_it_is_fetched_once_and_ends_five_minutes_early(redis: Redis) -> None:
    platform = Platform()
    assert {AccessToken(redis, "shop", platform.fetch).get() for _ in range(3)} == {"token-1"}
    assert platform.asked == [False]
    (key,) = redis.keys("hub:ingest:token:*")
    assert 6800 < redis.ttl(key) <= 6900


def test_each_secret_has_its_own(redis: Redis) -> None:
    platform = Platform()
    AccessToken(redis, "shop secret-1", platform.fetch).get()
    AccessToken(redis, "shop secret-2", platform.fetch).get()
    assert len(platform.asked) == 2
    assert not any("secret" in str(key) for key in redis.keys("*"))


def test_a_refused_one_is_replaced_by_the_one_that_the_platform_gives_now(redis: Redis) -> None:
    platform = Platform()
    token = AccessToken(redis, "shop", platform.fetch)
    refused = token.get()
    platform.number = 5  # somebody else had it replaced
    assert token.get(refused=refused) == "token-5"
    assert platform.asked == [False, False]


def test_only_where_the_platform_gives_the_refused_one_again_it_is_forced(redis: Redis) -> None:
    platform = Platform()
    token = AccessToken(redis, "shop", platform.fetch)
    assert token.get(refused=token.get()) == "token-2"
    assert platform.asked == [False, False, True]


def test_of_many_workers_whose_token_was_refused_one_replaces_it(redis: Redis) -> None:
    platform = Platform()
    refused = AccessToken(redis, "shop", platform.fetch).get()
    got: list[str] = []

    def work() -> None:
        got.append(AccessToken(redis, "shop", platform.fetch).get(refused=refused))

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert got == ["token-2"] * 8
    assert platform.asked == [False, False, True]


def test_without_redis_it_is_a_matter_that_passes() -> None:
    means = bare(lambda: datetime.now(UTC))
    with pytest.raises(PlatformError) as caught:
        AccessToken(means.redis, "shop", Platform().fetch).get()
    assert caught.value.resolution.action is Action.RETRY


def error_of(reply: Any) -> PlatformError:
    return PlatformError(Resolution(Action.REFRESH, Whose.SHOP, "失效"), str(reply["errcode"]), "")


@pytest.mark.parametrize("said", [{}, {"access_token": ""}, {"access_token": "t"}, {"expires_in": 7200}])
def test_a_reply_without_a_token_is_no_token(said: dict[str, Any]) -> None:
    with pytest.raises(PlatformError) as caught:
        token_in(said, error_of)
    assert caught.value.resolution.action is Action.RETRY


def test_not_even_debug_lines_hold_a_token(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(lambda _form: (200, b'{"errcode": 0}')) as gateway:
        Api(Wire(gateway), AccessToken(redis, "shop", Platform().fetch), error_of).call("", {})
    assert "token-1" not in caplog.text


@pytest.mark.parametrize(("refusals", "answered"), [(0, True), (1, True), (2, False)])
def test_a_call_is_repeated_once_with_another_token(redis: Redis, refusals: int, answered: bool) -> None:
    said = [{"errcode": 42001}] * refusals + [{"errcode": 0, "rows": [1]}]
    calls = 0

    def answer(_form: Form) -> tuple[int, bytes]:
        nonlocal calls
        calls += 1
        return 200, json.dumps(said[calls - 1]).encode()

    with serving(answer) as gateway:
        api = Api(Wire(gateway), AccessToken(redis, "shop", Platform().fetch), error_of)
        if answered:
            assert api.call("", {}) == {"errcode": 0, "rows": [1]}
        else:
            with pytest.raises(PlatformError, match="42001"):
                api.call("", {})
    assert calls == min(refusals + 1, 2)
