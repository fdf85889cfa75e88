"""Ways that do not work at the moment: a channel whose settings are wrong, a person whom a platform does not reach.
They are remembered for a while, so that not every message tries them first; after all others they are tried still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from bot.channels.sending import Reaction, SendError

if TYPE_CHECKING:
    from bot.ladder import Way

log = structlog.get_logger()
_KEY: Final = "hub:broken"
_LASTS: Final = {Reaction.ALERT: timedelta(minutes=10), Reaction.PERSON: timedelta(minutes=30)}


class Broken:
    """As all processes know it at `now`, read when it is first needed. With Redis away nothing is known."""

    def __init__(self, redis: Redis, now: datetime) -> None:
        self._redis = redis
        self._now = now
        self._found: set[str] | None = None

    def last(self, ways: Sequence[Way]) -> list[Way]:
        """The same ways, those that are broken behind the others."""
        if len(ways) < 2:
            return list(ways)
        return sorted(ways, key=self.holds)

    def holds(self, way: Way) -> bool:
        return not self._known().isdisjoint(_names(way))

    def note(self, way: Way, error: SendError) -> None:
        """What an error says of the way: nothing, or that it is broken for everybody, or for this receiver."""
        lasts = _LASTS.get(error.resolution.reaction)
        if lasts is None:
            return
        name = _names(way)[error.resolution.reaction is Reaction.PERSON]
        self._known().add(name)
        log.warning("way_broken", way=way.rung.name, code=error.code)
        try:
            self._redis.zadd(_KEY, {name: (self._now + lasts).timestamp()})
        except RedisError:
            log.warning("broken_way_not_noted", way=way.rung.name)

    def mended(self, way: Way) -> None:
        """It took a message."""
        if not self.holds(way):
            return
        self._known().difference_update(_names(way))
        try:
            self._redis.zrem(_KEY, *_names(way))
        except RedisError:
            log.warning("mended_way_not_noted", way=way.rung.name)

    def _known(self) -> set[str]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def _read(self) -> set[str]:
        try:
            self._redis.zremrangebyscore(_KEY, "-inf", self._now.timestamp())
            return {str(name, "utf-8") for name in self._redis.zrange(_KEY, 0, -1)}  # type: ignore[arg-type]
        except RedisError:
            return set()


def _names(way: Way) -> tuple[str, str]:
    """The channel, and the channel for this receiver."""
    return way.rung.channel, f"{way.rung.channel} {way.recipient}"
