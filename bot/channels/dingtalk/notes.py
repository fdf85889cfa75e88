"""Who has a line of their own on which card, and of which state it tells. It stays private when the card changes for
all, so it is taken off with the next state: an old line beside a new state misleads.

Kept in Redis, `hub:dingtalk:notes:<outTrackId>`: userid → revision. With Redis away a line stays, and tells its time.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()
_NAME: Final = "hub:dingtalk:notes:{}"
_LIFE: Final = 30 * 86_400  # seconds: a card that nobody pressed for so long changes no more


class Notes:
    """What all processes wrote on cards for one reader."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def keep(self, track_id: str, userid: str, revision: int) -> None:
        """`userid` was told something about the state `revision`."""
        name = _NAME.format(track_id)
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.hset(name, userid, str(revision))
                pipeline.expire(name, _LIFE)
                pipeline.execute()
        except RedisError as error:
            log.warning("note_not_kept", error=type(error).__name__)

    def outdated(self, track_id: str, revision: int) -> list[str]:
        """Whose line tells of an older state than `revision`."""
        try:
            found = self._redis.hgetall(_NAME.format(track_id))
        except RedisError:
            return []
        return [userid.decode() for userid, told in found.items() if int(told) < revision]  # type: ignore[union-attr]

    def taken_off(self, track_id: str, userids: Collection[str]) -> None:
        if not userids:
            return
        try:
            self._redis.hdel(_NAME.format(track_id), *userids)
        except RedisError:
            return  # it is taken off once more
