"""How long a platform wants to be left alone that says "too often" and not which of its limits was hit."""

from __future__ import annotations

import time
from dataclasses import replace
from types import TracebackType
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.channels.sending import Reaction, SendError

_MINUTE: Final = 60
_HOUR: Final = 3600


class Patience:
    """A minute first; who is refused again after that minute has hit the limit of the hour, and waits as long
    (wecom.md 3.4). Around a call: `with patience: …`. Kept in Redis, for all processes send on one account."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._redis = redis
        self._name = f"hub:refused:{name}"

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, SendError) and error.resolution.reaction is Reaction.WAIT and error.code is not None:
            raise self._longer(error) from None
        if error is None:
            self._forget()

    def _longer(self, error: SendError) -> SendError:
        now = time.time()
        try:
            self._redis.set(self._name, now, nx=True, ex=2 * _HOUR)
            since = float(self._redis.get(self._name) or now)
        except RedisError:
            return error
        if now - since < _MINUTE:
            return error
        words = "发送太频繁，一小时后自动重试"
        return SendError(replace(error.resolution, text=words, wait_seconds=_HOUR), error.code)

    def _forget(self) -> None:
        try:
            self._redis.delete(self._name)
        except RedisError:
            return  # it ends by itself
