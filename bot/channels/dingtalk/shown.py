"""Which state each card was given last, by whoever gave it: a change for all, or the answer to somebody's press. The
platform knows no versions, what arrives last stands there (dingtalk.md 3.6); so whoever comes with an older state than
somebody else had already keeps it, and changes of one card go one after the other.

Kept in Redis for as long as two writers can overlap, `hub:dingtalk:shown:<outTrackId>`. With Redis away everybody
writes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()
_NAME: Final = "hub:dingtalk:shown:{}"
_TURN: Final = "hub:dingtalk:turn:{}"
_LIFE: Final = 120  # seconds: no call and no answer takes so long. Not longer: a restored database counts from before
_TURN_LIFE: Final = 60  # seconds: as long as whoever delivers has the owed row (bot/due.py)
_STATE: Final = "revision"
_FREE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Shown:
    """What all processes wrote on cards lately."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def reach(self, track_id: str, revision: int) -> int:
        """Note that `revision` is about to be written; the newest that ever was, this one or one that came before."""
        name = _NAME.format(track_id)
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.zadd(name, {_STATE: revision}, gt=True)
                pipeline.zscore(name, _STATE)
                pipeline.expire(name, _LIFE)
                return int(pipeline.execute()[1])
        except RedisError as error:
            log.warning("state_not_noted", error=type(error).__name__)
            return revision

    def newest(self, track_id: str) -> int | None:
        """The newest that was written lately, None where nothing was, or nobody knows."""
        try:
            found = self._redis.zscore(_NAME.format(track_id), _STATE)
        except RedisError as error:
            log.warning("state_not_known", error=type(error).__name__)
            return None
        return int(found) if found is not None else None

    @contextmanager
    def turn(self, track_id: str) -> Iterator[bool]:
        """Whether nobody else is changing the card just now; then nobody is until the end of the block. Raises
        RedisError."""
        name, mine = _TURN.format(track_id), secrets.token_hex(8)
        taken = bool(self._redis.set(name, mine, nx=True, ex=_TURN_LIFE))
        try:
            yield taken
        finally:
            if taken:
                self._give_back(name, mine)

    def _give_back(self, name: str, mine: str) -> None:
        """Not somebody else's, who has it since ours ended."""
        try:
            self._redis.eval(_FREE, 1, name, mine)
        except RedisError as error:
            log.warning("turn_not_given_back", error=type(error).__name__)  # it ends by itself
