"""What the edition allows in a month, and what was used of it: counted here in Redis by every process, kept by
`bot/usage.py` in the database. `calls`: paid calls of interfaces. `units`: messages and presses that come in, and
answers and webhooks that go out without a paid call.

The count since it was last kept lies in `hub:usage:dingtalk`, beside it the month's total as it was kept then.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from bot.channels.dingtalk.errors import UNITS_USED_UP, USED_UP
from bot.channels.sending import REDIS_AWAY, SendError
from config_chat import DingTalk

log = structlog.get_logger()
NAME: Final = "hub:usage:dingtalk"
RESERVE: Final = 0.04  # of the month: for alerts whose deadline runs out, and for what carries on a conversation


class Kind(StrEnum):
    CALLS = "calls"
    UNITS = "units"


_USED_UP: Final = {Kind.CALLS: USED_UP, Kind.UNITS: UNITS_USED_UP}


class Quota:
    """Counting never fails: with Redis away it is silent, and nothing counts as used up."""

    def __init__(self, redis: Redis, settings: DingTalk) -> None:
        self._redis = redis
        self._most = {Kind.CALLS: settings.calls_per_month, Kind.UNITS: settings.stream_per_month}

    def count(self, kind: Kind, number: int = 1) -> None:
        try:
            self._redis.hincrby(NAME, kind.value, number)
        except RedisError as error:
            log.warning("usage_not_counted", kind=kind.value, error=type(error).__name__)

    def used(self, kind: Kind) -> int:
        """This month, as far as is known here. Raises RedisError."""
        parts = self._redis.hmget(NAME, [kind.value, kept(kind)])
        return sum(int(part) for part in parts if part is not None)

    def check(self, kind: Kind, *, urgent: bool = False) -> None:
        """Raises SendError where nothing that uses this quota may be sent any more: the next rung may cost nothing.
        What is urgent is tried as long as the platform takes it, for it grants some days of grace."""
        if urgent:
            return
        try:
            used = self.used(kind)
        except RedisError:
            raise SendError(REDIS_AWAY) from None
        if used >= self._most[kind] * (1 - RESERVE):
            raise SendError(_USED_UP[kind])

    def shut(self, kind: Kind) -> None:
        """The platform says that it is used up, whatever we counted: others use the company's quota as well."""
        try:
            missing = self._most[kind] - self.used(kind)
        except RedisError:
            return
        if missing > 0:
            self.count(kind, missing)


def kept(kind: Kind) -> str:
    """The field that holds the month's total as the database knows it."""
    return f"{kind.value}:kept"
