"""Tokens that an application fetches by its own secret: WeChat Shop's stable_token, WeCom's gettoken."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.world_tokens import Tokens

LIFE = timedelta(hours=2)
ALMOST_OVER = timedelta(minutes=5)
FORCED_A_DAY = 20
BETWEEN_FORCED = timedelta(seconds=30)


class OwnTokens(Tokens):
    """The same token as long as it lives, whoever asks. `withdrawn`: the secret itself works no more."""

    def __init__(self, clock: Clock, first: str) -> None:
        super().__init__(clock, first, LIFE)
        self.withdrawn = False
        self.fetches = 0
        self._forced: deque[datetime] = deque()

    def fetch(self) -> tuple[str, int]:
        """(token, seconds it still lives)."""
        with self._lock:
            self.fetches += 1
            now, newest = self._clock.now(), list(self._known.values())[-1]
            if newest.expires_at - now <= ALMOST_OVER:
                newest = self._issue(now + LIFE)
            return newest.access, int((newest.expires_at - now).total_seconds())

    def force(self) -> tuple[str, int] | None:
        """A new token; the one before ends at once. None for one too many a day; too soon, nothing changes."""
        now = self._clock.now()
        while self._forced and now - self._forced[0] > timedelta(days=1):
            self._forced.popleft()
        if self._forced and now - self._forced[-1] < BETWEEN_FORCED:
            return self.fetch()
        if len(self._forced) >= FORCED_A_DAY:
            return None
        self._forced.append(now)
        self.end_early()
        return self.fetch()

    def end_early(self) -> None:
        """The platform may end a token at any time."""
        super().expire()

    def expire(self) -> None:
        """The seller resets the secret: no token is left, and none is given."""
        super().expire()
        self.withdrawn = True
