"""Addresses at which a message of the bot's may be answered once more within the hour (response_url, wecom.md 5.7)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from redis import Redis

from bot.channels.wecom_bot.sealed import vault_of
from config import Settings

LIFE: Final = timedelta(minutes=58)  # the platform's hour, less what the way takes
_MOST: Final = 5  # of one chat; the newest are kept
_BELONGS: Final = b"bot.reply_address"


class Addresses:
    """Kept sealed in Redis, whose clock counts: whoever has one may speak as the bot. Every method may raise
    RedisError."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self._vault = vault_of(settings)
        self._redis = redis

    def keep(self, chat: str, address: str) -> None:
        """`chat`: the group's id, or the person's plain userid."""
        if urlsplit(address).scheme not in ("http", "https"):
            return
        sealed = self._vault.seal(json.dumps([address, self._seconds()]).encode(), _BELONGS)
        with self._redis.pipeline() as pipe:
            pipe.lpush(_key(chat), base64.b64encode(sealed))
            pipe.ltrim(_key(chat), 0, _MOST - 1)
            pipe.expire(_key(chat), LIFE)
            pipe.execute()

    def take(self, chat: str) -> str:
        """The newest that still holds, "" for none. It is gone then: each takes one message."""
        while isinstance(sealed := self._redis.lpop(_key(chat)), bytes):
            address, kept_at = json.loads(self._vault.open(base64.b64decode(sealed), _BELONGS))
            if self._seconds() - kept_at < LIFE.total_seconds():
                return str(address)
        return ""

    def _seconds(self) -> int:
        return int(self._redis.time()[0])


def _key(chat: str) -> str:
    return f"hub:botreply:{chat}"
