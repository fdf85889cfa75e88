"""Access tokens in Redis, one per secret, shared by all processes; one process refreshes, the others wait for it.

wechatpy's own storage keeps one expiry per company (two apps of it share stale tokens) and takes no lock around the
refresh (a stampede against an endpoint that blocks callers who ask too often).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

import requests
from redis import Redis
from wechatpy.session import SessionStorage

_EARLY: Final = 300  # seconds before its end at which a token is no longer used
_LOCK_SECONDS: Final = 20
TIMEOUT: Final = (3.0, 7.0)  # to connect, to read


class TokenStorage(SessionStorage):  # type: ignore[misc]
    """What wechatpy's client asks for a token. Values end early, so that it never hands out a dying one."""

    def __init__(self, redis: Redis, secret: str) -> None:
        self._redis = redis
        self._prefix = "hub:token:" + hashlib.sha256(secret.encode()).hexdigest()[:16]

    def get(self, key: str, default: Any = None) -> Any:
        found = self._redis.get(self._name(key))
        return default if found is None else json.loads(found)

    def set(self, key: str, value: Any, ttl: int | None = None) -> None:
        # Without a lifetime it is wechatpy's own note of the expiry, which our lifetime makes needless.
        if value is not None and ttl:
            self._redis.set(self._name(key), json.dumps(value), ex=max(int(ttl) - _EARLY, 1))

    def delete(self, key: str) -> None:
        self._redis.delete(self._name(key))

    def lock(self) -> AbstractContextManager[Any]:
        """Held by the one process that refreshes."""
        lock: AbstractContextManager[Any] = self._redis.lock(
            f"{self._prefix}:lock", timeout=_LOCK_SECONDS, blocking_timeout=_LOCK_SECONDS
        )
        return lock

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{hashlib.sha256(key.encode()).hexdigest()[:16]}"


class Http(requests.Session):
    """wechatpy's session with a deadline on every call (its token call has none), and no proxy towards this machine."""

    def __init__(self, gateway: str) -> None:
        super().__init__()
        self.trust_env = not gateway.startswith(("http://127.0.0.1", "http://localhost"))

    def request(self, *arguments: Any, **options: Any) -> requests.Response:
        if options.get("timeout") is None:
            options["timeout"] = TIMEOUT
        return super().request(*arguments, **options)


def refreshed(storage: TokenStorage, key: str, failed: str | None, fetch: Callable[[], object]) -> None:
    """A new token behind `key`, unless another process stored one since `failed` was in use."""
    with storage.lock():
        if storage.get(key) in (None, failed):
            storage.delete(key)
            fetch()
