"""Who may use how much of what a channel takes: alerts all of it, summaries the least, so that a deadline never waits
behind chatter."""

from __future__ import annotations

from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.channels.pace import Pace
from bot.channels.sending import REDIS_AWAY, SendError
from models import Urgency

SHARES: Final[dict[int, float]] = {
    Urgency.ALERT: 1.0,
    Urgency.CARD: 0.9,
    Urgency.ANSWER: 0.9,
    Urgency.EDIT: 0.9,
    Urgency.DIGEST: 0.6,
}
TIGHT: Final = 0.6  # from here on small texts travel together


class Room:
    """What is left on each channel, for all processes. Counts nothing: the sender counts what it sends."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._paces: dict[str, Pace] = {}

    def wait_seconds(self, channel: str, recipient: str, urgency: int) -> float:
        """How long a message of this urgency must leave the rest to others; 0 where there is room. Raises SendError
        with Redis away: what cannot be counted might be too much, and the surplus is lost."""
        share = SHARES[urgency]
        try:
            return self._pace(channel).wait_for_share(recipient.split("|"), share) if share < 1 else 0.0
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def is_tight(self, channel: str, recipient: str) -> bool:
        """Whether small texts had better travel together."""
        try:
            return self._pace(channel).wait_for_share(recipient.split("|"), TIGHT) > 0
        except RedisError:
            return False

    def _pace(self, channel: str) -> Pace:
        if channel not in self._paces:
            self._paces[channel] = Pace(self._redis, channel)
        return self._paces[channel]
