"""The Sender of SMS, whoever provides them: to one number a few a day, and none close upon another."""

from __future__ import annotations

import hashlib
import time
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.channels.sending import (
    NO_TEMPLATE,
    REDIS_AWAY,
    Change,
    Form,
    Parcel,
    Reaction,
    Receipt,
    Resolution,
    SendError,
    Whose,
)
from bot.channels.sms.provider import Provider

_ENOUGH: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "这个号码今天的短信已发满")
_DAY: Final = 24 * 3600


class SmsSender:
    """Counts in Redis, for all processes; numbers stand there as hashes."""

    def __init__(self, provider: Provider, per_day: int, redis: Redis) -> None:
        self._provider, self._redis = provider, redis
        allowed = provider.limits()
        self._pause, self._per_day = allowed.pause_seconds, min(per_day, allowed.per_day)

    def wait_seconds(self, recipient: str) -> float:
        """Raises SendError for a number that had its share today: a wait until tomorrow is no use to anybody."""
        key, now = _key(recipient), time.time()
        try:
            at = [float(one) for one in self._redis.lrange(key, 0, self._per_day - 1)]  # the newest first
            recent = [one for one in at if now - one < _DAY]
            if len(recent) >= self._per_day:
                raise SendError(_ENOUGH)
            wait = self._pause - (now - recent[0]) if recent else 0.0
            if wait > 0:
                return wait
            self._redis.lpush(key, now)
            self._redis.ltrim(key, 0, self._per_day - 1)
            self._redis.expire(key, _DAY)
        except RedisError:
            raise SendError(REDIS_AWAY) from None
        return 0.0

    def send(self, parcel: Parcel) -> Receipt:
        if not isinstance(parcel.drawing, Form):
            raise SendError(NO_TEMPLATE)
        filled = parcel.drawing.on("sms")
        return Receipt(self._provider.send(parcel.recipient, filled.template, filled.values, parcel.key))

    def change(self, change: Change) -> None:
        raise NotImplementedError("an SMS cannot be changed")


def _key(number: str) -> str:
    return "hub:sms:" + hashlib.sha256(number.encode()).hexdigest()[:24]
