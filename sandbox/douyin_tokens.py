"""Access tokens of a self-built application: had by the shop's number, living seven days, renewed in the last hour."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.world_tokens import Tokens

LIFE = timedelta(days=7)
REFRESH_LIFE = timedelta(days=14)
LAST_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pair:
    access: str
    refresh: str
    expires_at: datetime
    refresh_until: datetime


class DouyinTokens(Tokens):
    """No token is there before it is asked for. `expire` is the shop's owner withdrawing the authorisation, `new_code`
    the owner giving it again."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, "sandbox-douyin-token-0000", LIFE)
        self._now = clock.now
        self._pairs: list[Pair] = []
        self._guard = threading.Lock()
        self._withdrawn = False
        self._count = 0

    def alive(self, access: str) -> bool | None:
        with self._guard:
            pair = next((known for known in self._pairs if known.access == access), None)
            return None if pair is None or self._withdrawn else self._now() < pair.expires_at

    def create(self) -> Pair | None:
        """The pair of today, a new one in its last hour; None where the shop does not authorise the application."""
        with self._guard:
            return None if self._withdrawn else self._current()

    def refresh(self, token: str) -> Pair | None:
        """None for a refresh token that is unknown or too old."""
        with self._guard:
            known = next((pair for pair in self._pairs if pair.refresh == token), None)
            if self._withdrawn or known is None or self._now() >= known.refresh_until:
                return None
            return self._current()

    def lapse(self) -> None:
        """Every access token ends now, although the shop still authorises the application."""
        with self._guard:
            self._pairs = [replace(pair, expires_at=min(pair.expires_at, self._now())) for pair in self._pairs]

    def expire(self) -> None:
        with self._guard:
            self._withdrawn = True

    def new_code(self) -> str:
        with self._guard:
            self._withdrawn = False
            self._pairs = []
        return super().new_code()

    def _current(self) -> Pair:
        now = self._now()
        newest = self._pairs[-1] if self._pairs else None
        if newest is not None and now < newest.expires_at - LAST_HOUR:
            return newest
        # The old pair works for an hour more; one that has ended does not come to life again.
        self._pairs = [
            replace(pair, expires_at=max(pair.expires_at, now + LAST_HOUR))
            for pair in self._pairs
            if now < pair.expires_at
        ]
        self._count += 1
        number = f"{self._count:04d}"
        pair = Pair(
            f"sandbox-douyin-token-{number}", f"sandbox-douyin-refresh-{number}", now + LIFE, now + REFRESH_LIFE
        )
        self._pairs.append(pair)
        return pair
