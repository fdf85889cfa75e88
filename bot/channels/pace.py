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


class Pace:
    """At most so many a minute and an hour for each key."""

    def __init__(self, redis: Redis, name: str, per_minute: int = 30, per_hour: int = 1000) -> None:
        # The address is not used: the pool brings the connections.
        storage = RedisStorage("redis://", connection_pool=redis.connection_pool, key_prefix="hub:pace")
        self._limiter = MovingWindowRateLimiter(storage)
        self._windows: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(per_minute), RateLimitItemPerHour(per_hour))
        self._name = name

    def wait_seconds(self, keys: Iterable[str]) -> float:
        """0 and one counted for each key, or the longest wait among them and none counted."""
        found = tuple(keys)
        if wait := max((self._wait(window, key) for key in found for window in self._windows), default=0.0):
            return wait
        for key in found:
            for window in self._windows:
                if not self._limiter.hit(window, self._name, key):  # another process took the last place just now
                    return self._wait(window, key) or 1.0
        return 0.0

    def _wait(self, window: RateLimitItem, key: str) -> float:
        if self._limiter.test(window, self._name, key):
            return 0.0
        reset_at = self._limiter.get_window_stats(window, self._name, key).reset_time
        return max(reset_at - time.time(), 0.0) + _MARGIN
