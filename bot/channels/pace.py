"""Sending rates. Platforms drop the surplus without a word, so it waits here. Counted in Redis for all processes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import Redis

_MARGIN: Final = 0.1  # seconds: the platform counts on arrival

MINUTE_AND_HOUR: Final[dict[str, tuple[int, int]]] = {
    "wecom_app": (30, 1000),  # to one member
    "wecom_bot": (30, 1000),  # into one chat, replies and pushes together
    "wecom_hook": (20, 1200),
    "wecom_appchat": (200, 10_000),  # to one member; the platform's ten thousand are of a whole day
    "dingtalk": (20, 1000),  # into one chat; no page tells the limit
    "dingtalk_hook": (20, 1200),
    "dingtalk_notice": (20, 60),  # to one member; the platform's five hundred are of a whole day
    "wechat_oa": (600, 20_000),  # far below any limit
}
"""What may be sent to one receiver of a channel, by its slug. Who has no line here keeps a rate of its own."""


class _Minute(RateLimitItemPerMinute):
    def key_for(self, *identifiers: bytes | str | float) -> str:
        return _key(identifiers, self)


class _Hour(RateLimitItemPerHour):
    def key_for(self, *identifiers: bytes | str | float) -> str:
        return _key(identifiers, self)


def _key(identifiers: tuple[bytes | str | float, ...], window: RateLimitItem) -> str:
    """Without the amount: a share of a rate is counted where the whole of it is."""
    return "/".join((*map(str, identifiers), window.GRANULARITY.name))


class Pace:
    """At most so many a minute and an hour for each key."""

    def __init__(self, redis: Redis, name: str, per_minute: int = 0, per_hour: int = 0) -> None:
        """`name`: the channel's slug, whose rates hold unless others are given."""
        # The address is not used: the pool brings the connections.
        storage = RedisStorage("redis://", connection_pool=redis.connection_pool, key_prefix="hub:pace")
        self._limiter = MovingWindowRateLimiter(storage)
        minute, hour = MINUTE_AND_HOUR.get(name, (30, 1000))
        self._rates = (per_minute or minute, per_hour or hour)
        self._windows = self._shared(1.0)
        self._name = name

    def wait_seconds(self, keys: Iterable[str]) -> float:
        """0 and one counted for each key, or the longest wait among them and none counted."""
        found = tuple(keys)
        if wait := self._longest(found, self._windows):
            return wait
        for key in found:
            for window in self._windows:
                if not self._limiter.hit(window, self._name, key):  # another process took the last place just now
                    return self._wait(window, key) or 1.0
        return 0.0

    def wait_for_share(self, keys: Iterable[str], share: float) -> float:
        """How long until less than `share` of every rate is used; nothing is counted."""
        return self._longest(tuple(keys), self._shared(share))

    def count(self, key: str) -> None:
        """One that went out without asking: the answer to a message cannot wait."""
        for window in self._windows:
            self._limiter.hit(window, self._name, key)

    def _shared(self, share: float) -> tuple[RateLimitItem, ...]:
        minute, hour = (max(1, int(rate * share)) for rate in self._rates)
        return _Minute(minute), _Hour(hour)

    def _longest(self, keys: tuple[str, ...], windows: tuple[RateLimitItem, ...]) -> float:
        return max((self._wait(window, key) for key in keys for window in windows), default=0.0)

    def _wait(self, window: RateLimitItem, key: str) -> float:
        if self._limiter.test(window, self._name, key):
            return 0.0
        reset_at = self._limiter.get_window_stats(window, self._name, key).reset_time
        return max(reset_at - time.time(), 0.0) + _MARGIN
