"""A minute first, then an hour: the platform does not say which of its limits was hit."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from bot.channels.patience import Patience
from bot.channels.sending import SendError
from bot.channels.wecom_app.errors import CODES
from tests.bot.conftest import NO_RETRY

OFTEN = SendError(CODES[45009], 45009)


def refused(patience: Patience, error: SendError = OFTEN) -> SendError:
    with pytest.raises(SendError) as found, patience:
        raise error
    return found.value


def earlier(redis: Redis, name: str, seconds: float) -> None:
    redis.set(f"hub:refused:{name}", time.time() - seconds)


def test_who_is_refused_waits_a_minute_and_after_that_an_hour(redis: Redis) -> None:
    patience = Patience(redis, "app")
    assert refused(patience).resolution.wait_seconds == 60
    assert refused(patience).resolution.wait_seconds == 60, "still the same minute"
    earlier(redis, "app", 61)
    late = refused(Patience(redis, "app"))
    assert (late.resolution.wait_seconds, late.code, late.permanent) == (3600, 45009, False)
    assert "一小时" in str(late)
    assert refused(Patience(redis, "hook")).resolution.wait_seconds == 60, "another account"


def test_what_gets_through_begins_anew(redis: Redis) -> None:
    patience = Patience(redis, "app")
    refused(patience)
    earlier(redis, "app", 61)
    with patience:
        pass
    assert refused(patience).resolution.wait_seconds == 60


def test_other_errors_are_none_of_its_business(redis: Redis) -> None:
    patience = Patience(redis, "app")
    for code in (81013, -1):
        assert refused(patience, SendError(CODES[code], code)).code == code
    assert not redis.keys("hub:refused:*")
    with pytest.raises(ValueError, match="x"), patience:
        raise ValueError("x")


def test_without_redis_it_stays_at_a_minute() -> None:
    away = Patience(Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY), "app")
    assert refused(away).resolution.wait_seconds == 60
    with away:
        pass
