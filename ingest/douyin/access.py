"""The access token of a self-built application, got with the shop's number and shared by all workers through Redis.

It lives seven days. Within its last hour a renewal gives a new pair, while the old one works on for an hour; before
that it gives the same pair again. A token that is asked for anew while one is alive comes back unchanged, so two
workers who ask at once do no harm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from redis import Redis
from redis.exceptions import RedisError

from config import Shop
from ingest.douyin.errors import NO_TOKEN
from ingest.fields import text
from ingest.http import transient
from ingest.source import Action, PlatformError

_EARLY: Final = 50 * 60  # seconds before its end at which a token is renewed, well inside the last hour
_KEPT: Final = 14 * 24 * 3600  # seconds that a refresh token lives
_REST: Final = 60  # seconds between two renewals by one worker while its token is alive
_LOCK_SECONDS: Final = 20
_PASSING: Final = (Action.RETRY, Action.WAIT, Action.PAUSE)
_LONGEST: Final = 12  # digits of a number of seconds
_EPOCH: Final = 1_000_000_000  # the documents call `expires_in` a duration and a moment; no duration is that long


class Ask(Protocol):
    def __call__(self, method: str, params: Mapping[str, Any], /) -> Mapping[str, Any]:
        """A call that needs no token. Raises PlatformError."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """`ends_at`: epoch seconds by the platform's clock."""

    access: str
    refresh: str
    ends_at: int


class AccessToken:
    """The token of one shop; `epoch` is the platform's clock. A Redis that is down costs only more calls."""

    def __init__(self, shop: Shop, redis: Redis, ask: Ask, epoch: Callable[[], int]) -> None:
        self._shop, self._redis, self._ask, self._epoch = shop, redis, ask, epoch
        mark = hashlib.sha256(f"{shop.app_key}/{shop.app_secret}/{shop.shop_id}".encode()).hexdigest()[:32]
        self._key = f"hub:douyin:{mark}"
        self._mine: Pair | None = None
        self._tried_at = 0

    def get(self) -> str:
        """A token that is alive, renewed first where its end is near. Raises PlatformError."""
        if self._mine is None or not self._at_rest(self._mine):
            self._mine = self._fresh(self._mine) or self._fresh(self._kept()) or self._renewed()
        return self._mine.access

    def renew(self, refused: str) -> str:
        """Another token than `refused`, which the platform did not take, if it gives one. Raises PlatformError."""
        self._mine = self._renewed(refused)
        return self._mine.access

    def _at_rest(self, pair: Pair) -> bool:
        """A renewal that failed, or brought the same pair again, is not tried with every call."""
        return self._epoch() < min(pair.ends_at, self._tried_at + _REST)

    def _renewed(self, refused: str = "") -> Pair:
        self._tried_at = self._epoch()
        with self._alone():
            before = self._kept() or self._mine
            fresh = self._fresh(before)
            if fresh is not None and fresh.access != refused:
                return fresh  # another worker was quicker
            try:
                pair = self._refreshed(before, refused) or self._created()
            except PlatformError as error:
                if before is None or before.access == refused or not self._lasts_through(before, error):
                    raise
                return before
            self._keep(pair)
            return pair

    def _lasts_through(self, pair: Pair, error: PlatformError) -> bool:
        return error.resolution.action in _PASSING and self._epoch() < pair.ends_at

    def _refreshed(self, before: Pair | None, refused: str) -> Pair | None:
        """None where the platform does not renew by the refresh token, or gives the refused token again."""
        if before is None or not before.refresh:
            return None
        asked = {"grant_type": "refresh_token", "refresh_token": before.refresh}
        try:
            pair = self._read(self._ask("token.refresh", asked))
        except PlatformError as error:
            if error.resolution.action in (*_PASSING, Action.CLOCK):
                raise
            return None
        return None if pair.access == refused else pair

    def _created(self) -> Pair:
        asked = {"code": "", "grant_type": "authorization_self", "shop_id": self._shop.shop_id}
        try:
            return self._read(self._ask("token.create", asked))
        except PlatformError as error:
            if error.resolution.action is Action.PARK:  # no order to park: the shop gets no token
                raise PlatformError(NO_TOKEN, error.code, error.message) from error
            raise

    def _read(self, told: Mapping[str, Any]) -> Pair:
        access, lasts = text(told.get("access_token")), text(told.get("expires_in"))
        if not access or not lasts.isdecimal() or len(lasts) > _LONGEST:
            raise transient("no-token", "the reply has no token")
        ends_at = int(lasts) if int(lasts) > _EPOCH else self._epoch() + int(lasts)
        return Pair(access, text(told.get("refresh_token")), ends_at)

    def _fresh(self, pair: Pair | None) -> Pair | None:
        return pair if pair and self._epoch() < pair.ends_at - _EARLY else None

    def _kept(self) -> Pair | None:
        try:
            kept = self._redis.get(self._key)
            return Pair(**json.loads(kept)) if isinstance(kept, bytes | str) else None
        except (RedisError, ValueError, TypeError):  # no Redis, or what another version of the hub has written
            return None

    def _keep(self, pair: Pair) -> None:
        with suppress(RedisError):  # then each worker asks for its own
            self._redis.set(self._key, json.dumps(asdict(pair)), ex=_KEPT)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One worker at a time; where that cannot be had, several are better than none."""
        lock = self._redis.lock(f"{self._key}:lock", timeout=_LOCK_SECONDS, blocking_timeout=_LOCK_SECONDS)
        try:
            held = lock.acquire()
        except RedisError:
            held = False
        try:
            yield
        finally:
            if held:
                with suppress(RedisError):  # it ends by itself
                    lock.release()
