"""Addresses at which a message of the bot's may be answered once more within the hour (response_url, wecom.md 5.7)."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from redis import Redis

from bot.channels.wecom_bot.sealed import vault_of
from config import Settings

LIFE: Final = timedelta(minutes=58)  # the platform's hour, less what the way takes
_MOST: Final = 5  # of one chat; the newest are kept
_BELONGS: Final = b"bot.reply_address"
_TRUSTED: Final = 60.0  # seconds for which our own clock goes on from what Redis said


@dataclass(frozen=True, slots=True)
class Address:
    """`kept_at`: seconds, by the clock of Redis."""

    url: str = field(repr=False)
    kept_at: int


class Addresses:
    """Kept sealed in Redis, whose clock counts: whoever has one may speak as the bot. Every method may raise
    RedisError."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self._vault = vault_of(settings)
        self._redis = redis
        self._clock = (0, float("-inf"))  # what Redis said, and when by our own clock

    def keep(self, chat: str, address: str) -> None:
        """`chat`: the group's id, or the person's plain userid."""
        if urlsplit(address).scheme not in ("http", "https"):
            return
        self.give_back(chat, Address(address, self._seconds()))

    def take(self, chat: str) -> Address | None:
        """The newest that still holds. It is gone then: each takes one message."""
        while isinstance(sealed := self._redis.lpop(_key(chat)), bytes):
            url, kept_at = json.loads(self._vault.open(base64.b64decode(sealed), _BELONGS))
            if self._seconds() - kept_at < LIFE.total_seconds():
                return Address(str(url), int(kept_at))
        return None

    def give_back(self, chat: str, address: Address) -> None:
        """It was not used after all."""
        sealed = self._vault.seal(json.dumps([address.url, address.kept_at]).encode(), _BELONGS)
        with self._redis.pipeline() as pipe:
            pipe.lpush(_key(chat), base64.b64encode(sealed))
            pipe.ltrim(_key(chat), 0, _MOST - 1)
            pipe.expire(_key(chat), LIFE)
            pipe.execute()

    def _seconds(self) -> int:
        """By the clock of Redis, which is not asked each time: every message of the bot comes by here."""
        said, at = self._clock
        if time.monotonic() - at > _TRUSTED:
            said, at = self._clock = (int(self._redis.time()[0]), time.monotonic())
        return said + int(time.monotonic() - at)


def _key(chat: str) -> str:
    return f"hub:botreply:{chat}"
