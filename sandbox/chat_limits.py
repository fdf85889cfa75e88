"""Access tokens and sending rates, both on the sandbox clock."""

import secrets
import threading
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Protocol

from sandbox.chat_errors import Refused
from sandbox.clock import Clock


class Watch(Protocol):
    def epoch(self) -> float: ...


class Limiter:
    """30 a minute and 1000 an hour for each key, counted in sliding windows; or (seconds, most) of `windows`."""

    def __init__(
        self,
        clock: Watch,
        per_minute: int = 30,
        per_hour: int = 1000,
        *,
        windows: Sequence[tuple[float, int]] = (),
    ) -> None:
        self._clock = clock
        self._windows = tuple(windows) or ((60.0, per_minute), (3600.0, per_hour))
        self._longest = max(length for length, _ in self._windows)
        self._taken: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def take(self, key: str) -> bool:
        now = self._clock.epoch()
        with self._lock:
            taken = self._taken[key]
            while taken and taken[0] <= now - self._longest:
                taken.popleft()
            for length, most in self._windows:
                inside = len(taken) if length == self._longest else sum(1 for at in taken if at > now - length)
                if inside >= most:
                    return False
            taken.append(now)
            return True

    def wait(self, key: str) -> float:
        """Seconds until the oldest that counts for `key` counts no more."""
        with self._lock:
            taken = self._taken[key]
            return max(0.0, taken[0] + self._longest - self._clock.epoch()) if taken else 0.0

    def forget(self) -> None:
        with self._lock:
            self._taken.clear()


class Tokens:
    """The tokens of one secret. With `renewing` each fetch makes a new one and the old one dies soon after."""

    LIFETIME = 7200
    OVERLAP = 300

    def __init__(self, clock: Clock, *, renewing: bool = False) -> None:
        self._clock = clock
        self._renewing = renewing
        self._ends: dict[str, float] = {}
        self._expired: set[str] = set()
        self._current = ""
        self._lock = threading.Lock()
        self.fetches = 0

    def fetch(self) -> tuple[str, int]:
        now = self._clock.epoch()
        with self._lock:
            self.fetches += 1
            left = self._ends.get(self._current, 0.0) - now
            if left > 0 and not self._renewing:
                return self._current, int(left)
            if left > 0:
                self._ends[self._current] = min(now + self.OVERLAP, self._ends[self._current])
            self._current = secrets.token_urlsafe(96)
            self._ends[self._current] = now + self.LIFETIME
            return self._current, self.LIFETIME

    def check(self, token: str | None) -> None:
        if not token:
            raise Refused(41001, "access_token missing")
        with self._lock:
            ends = self._ends.get(token)
            now = self._clock.epoch()
        if ends is None:
            raise Refused(40001 if self._renewing else 40014, "invalid access_token")
        if ends <= now:
            overtaken = self._renewing and token != self._current and token not in self._expired
            raise Refused(40001 if overtaken else 42001, "access_token expired")

    def expire(self) -> None:
        """The platform may end a token at any time."""
        with self._lock:
            self._expired.update(self._ends)
            self._ends = dict.fromkeys(self._ends, 0.0)
