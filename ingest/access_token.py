"""Calls to platforms that take `?access_token=` and answer `{"errcode", "errmsg"}` inside HTTP 200.

The token is fetched with the application's own secret and kept in Redis: all workers use one, one of them renews it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from ingest.http import Wire, transient
from ingest.platform_clock import PlatformClock
from ingest.source import PlatformError

log = structlog.get_logger()

REFUSED_TOKEN: Final = frozenset({"40001", "40014", "42001"})
_EARLY: Final = 300  # seconds before its end at which a token is no longer used
_LOCK_SECONDS: Final = 30.0  # longer than the slowest fetch

Fetch = Callable[[bool], tuple[str, int]]
"""(whether a token that is still alive must be replaced) → the token and its seconds to live. Raises PlatformError."""


def errcode_of(document: Mapping[str, Any]) -> str:
    """ "0" where there is none: both are success."""
    return str(document.get("errcode") or 0)


class AccessToken:
    """`name` is what the token belongs to; secrets may stand in it, for it is only kept as a digest."""

    def __init__(self, redis: Redis, name: str, fetch: Fetch) -> None:
        self._redis, self._fetch = redis, fetch
        self._key = "hub:ingest:token:" + sha256(name.encode()).hexdigest()[:24]

    def get(self, refused: str = "") -> str:
        """The token; another one than `refused`, where the platform has refused that. Raises PlatformError."""
        try:
            kept = self._kept()
            return kept if kept and kept != refused else self._renewed(refused)
        except RedisError as error:
            raise transient("redis", type(error).__name__) from None

    def _kept(self) -> str:
        found: Any = self._redis.get(self._key)
        return found.decode() if isinstance(found, bytes) else found or ""

    def _renewed(self, refused: str) -> str:
        """Whoever comes second finds what the first one fetched."""
        lock = self._redis.lock(f"{self._key}:lock", timeout=_LOCK_SECONDS, blocking_timeout=_LOCK_SECONDS)
        with lock:
            kept = self._kept()
            if kept and kept != refused:
                return kept
            token, seconds = self._fetch(False)
            if token == refused:
                token, seconds = self._fetch(True)
            self._redis.set(self._key, token, ex=max(seconds - _EARLY, 1))
            return token


class Api:
    """Posts JSON; a token that is refused is replaced once. `error_of` makes a reply's error."""

    def __init__(self, wire: Wire, token: AccessToken, error_of: Callable[[Mapping[str, Any]], PlatformError]) -> None:
        self._wire, self._token, self._error_of = wire, token, error_of

    def call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The reply. Raises PlatformError; a call whose token was refused has done nothing and may be repeated."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        token = self._token.get()
        try:
            return self._post(path, token, text)
        except PlatformError as error:
            if error.code not in REFUSED_TOKEN:
                raise
            log.info("token_refused", path=path, code=error.code)
        return self._post(path, self._token.get(refused=token), text)

    def measure(self, clock: PlatformClock, path: str, body: Mapping[str, Any]) -> float:
        """Nothing is signed and no call tells the time: the Date of a reply does. Seconds like `clock.correct`."""
        asked_at = clock.now()
        self.call(path, body)
        date = self._wire.date
        return 0.0 if date is None else clock.correct(date, asked_at)

    def _post(self, path: str, token: str, text: bytes) -> dict[str, Any]:
        with self._wire.asking(path):
            document = self._wire.post_json(path, {"access_token": token}, text)
            if errcode_of(document) != "0":
                raise self._error_of(document)
        return document


def token_in(document: Mapping[str, Any], error_of: Callable[[Mapping[str, Any]], PlatformError]) -> tuple[str, int]:
    """What the reply to a request for a token gives. Raises PlatformError."""
    if errcode_of(document) != "0":
        raise error_of(document)
    token, seconds = document.get("access_token"), document.get("expires_in")
    if not isinstance(token, str) or not token or type(seconds) is not int:
        raise transient("no-token")
    return token, seconds
