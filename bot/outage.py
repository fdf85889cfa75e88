"""A platform that gives no answer: is it down, or was one answer lost? Where two tries in a row got none, it is down,
and what was tried has most likely not arrived; one alone most likely has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()
_KEY: Final = "hub:unanswered"
_IN_A_ROW: Final = 2
_APART: Final = timedelta(minutes=10)  # two losses that far apart have nothing to do with each other


class Outage:
    """What all processes saw of each channel until `now`; read when it is first needed. With Redis away nothing is
    known of an outage."""

    def __init__(self, redis: Redis, now: datetime) -> None:
        self._redis = redis
        self._now = now.timestamp()
        self._found: dict[str, float] | None = None

    def unanswered(self, channel: str) -> None:
        """A try got no answer."""
        known = self._known()
        near = self._now - known.get(f"{channel}:at", 0.0) <= _APART.total_seconds()
        self._keep({channel: known.get(channel, 0.0) + 1 if near else 1.0, f"{channel}:at": self._now})

    def answered(self, channel: str) -> None:
        """The platform speaks again; nothing to do where it never fell silent."""
        tries = self._known().get(channel, 0.0)
        if not tries:
            return
        ended = {f"{channel}:ended": self._now} if tries >= _IN_A_ROW else {}
        self._keep({channel: 0.0, **ended})

    def was_down(self, channel: str, since: datetime) -> bool:
        """Whether it is down now, or was at some time after `since`."""
        known = self._known()
        is_down = known.get(channel, 0.0) >= _IN_A_ROW
        return is_down or known.get(f"{channel}:ended", 0.0) >= since.timestamp()

    def _keep(self, changes: dict[str, float]) -> None:
        marks: dict[Any, Any] = {**changes}
        self._known().update(changes)
        try:
            self._redis.hset(_KEY, mapping=marks)
        except RedisError:
            log.warning("outage_not_noted")

    def _known(self) -> dict[str, float]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def _read(self) -> dict[str, float]:
        try:
            found = self._redis.hgetall(_KEY)
        except RedisError:
            return {}
        return {str(name, "utf-8"): float(value) for name, value in found.items()}  # type: ignore[arg-type]
