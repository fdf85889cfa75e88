"""The application's access token: one at a time, the same for whoever asks, longer alive with each asking."""

from __future__ import annotations

import secrets
import threading

from sandbox.clock import Clock
from sandbox.dingtalk_errors import Declined, OldDeclined

LIFETIME = 7200


class AppTokens:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._current = ""
        self._lock = threading.Lock()
        self.fetches = 0

    def fetch(self) -> str:
        """Both hosts take the token of either interface."""
        with self._lock:
            self.fetches += 1
            now = self._clock.epoch()
            if self._ends.get(self._current, 0.0) <= now:
                self._current = secrets.token_hex(16)
            self._ends[self._current] = now + LIFETIME
            return self._current

    def check(self, token: str | None) -> None:
        """For the new host, which reads it in the header. Raises Declined."""
        if not token or not self._lives(token):
            raise Declined(400, "InvalidAuthentication", "不合法的access_token")

    def check_old(self, token: str | None) -> None:
        """For the old host, which reads it in the query. Raises OldDeclined."""
        if not token or not self._lives(token):
            raise OldDeclined(40014, "不合法的access_token")

    def expire(self) -> None:
        """The platform may end a token at any time."""
        with self._lock:
            self._ends.clear()

    def _lives(self, token: str) -> bool:
        with self._lock:
            return self._ends.get(token, 0.0) > self._clock.epoch()
