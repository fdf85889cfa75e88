"""Who may come in: signature, age, ciphertext, replay, in this order, so that what is not signed stores nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import structlog
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from bot.crypto import BadEnvelope, Crypto, Untrusted

log = structlog.get_logger()
MOST_BYTES: Final = 1 << 20
MOST_AGE_SECONDS: Final = 300
NONCE_SECONDS: Final = 2 * 3600
_PATIENCE: Final = 0.3  # seconds: a callback has two in all
_REST: Final = 5.0  # seconds without asking a Redis that did not answer


class Nonces:
    """Remembers which content came with a nonce. A platform repeats an unanswered callback, so the very same envelope
    may come again (the message id decides what happens then); the nonce with any other content is a replay."""

    def __init__(self, redis: Redis) -> None:
        self._redis = impatient(redis)
        self._asleep_until = 0.0

    def check(self, channel: str, nonce: str, signature: str) -> None:
        """Raises Untrusted. With Redis away all pass: the message id alone then guards against doubles."""
        if time.monotonic() < self._asleep_until:
            return
        try:
            before = self._redis.set(f"hub:nonce:{channel}:{nonce}", signature, nx=True, get=True, ex=NONCE_SECONDS)
        except RedisError as error:
            self._asleep_until = time.monotonic() + _REST
            log.warning("nonces_not_checked", error=type(error).__name__)
            return
        if before is not None and before != signature.encode():
            raise Untrusted("nonce used before")


class Gate:
    """One channel's callbacks: opens what comes in, seals what goes out."""

    def __init__(self, channel: str, crypto: Crypto, nonces: Nonces) -> None:
        self._channel = channel
        self._crypto = crypto
        self._nonces = nonces

    def echo(self, query: Mapping[str, str], now: datetime) -> bytes:
        """The answer to the console's check of the address. Raises BadEnvelope."""
        return self._opened(query, query.get("echostr", ""), now)

    def open(self, query: Mapping[str, str], encrypted: object, now: datetime) -> bytes:
        """The message inside. Raises BadEnvelope."""
        if not isinstance(encrypted, str) or not encrypted:
            raise BadEnvelope("nothing encrypted inside")
        message = self._opened(query, encrypted, now)
        self._nonces.check(self._channel, query.get("nonce", ""), query.get("msg_signature", ""))
        return message

    def seal(self, message: bytes, timestamp: str, nonce: str) -> tuple[str, str]:
        """Ciphertext and signature of a reply."""
        encrypted = self._crypto.encrypt(message)
        return encrypted, self._crypto.sign(timestamp, nonce, encrypted)

    def check_plain(self, query: Mapping[str, str], now: datetime) -> None:
        """The service account's signature, which covers no body. Raises Untrusted."""
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        self._crypto.check(query.get("signature", ""), timestamp, nonce)
        _check_age(timestamp, now)

    def _opened(self, query: Mapping[str, str], encrypted: str, now: datetime) -> bytes:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        self._crypto.check(query.get("msg_signature", ""), timestamp, nonce, encrypted)
        _check_age(timestamp, now)
        return self._crypto.decrypt(encrypted)


def _check_age(timestamp: str, now: datetime) -> None:
    if not (timestamp.isdecimal() and timestamp.isascii() and len(timestamp) <= 12):
        raise Untrusted("no timestamp")
    if abs(now.timestamp() - int(timestamp)) > MOST_AGE_SECONDS:
        raise Untrusted("stale timestamp")


def impatient(redis: Redis) -> Redis:
    """The same server with short deadlines and no second try."""
    pool = redis.connection_pool
    options = {
        **pool.connection_kwargs,
        "socket_timeout": _PATIENCE,
        "socket_connect_timeout": _PATIENCE,
        "retry": Retry(NoBackoff(), 0),
    }
    return Redis(connection_pool=ConnectionPool(connection_class=pool.connection_class, **options))
