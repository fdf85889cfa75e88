"""Seller tokens of one platform: they are issued, they end, and a few of them can be renewed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.clock import Clock

CODE_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Token:
    access: str
    refresh: str
    expires_at: datetime


class Tokens:
    """The first token is the one of company.toml; its refresh token is the same text with `token` read as `refresh`."""

    def __init__(self, clock: Clock, first: str, life: timedelta) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._stem = first.rsplit("-", 1)[0]
        self._life = life
        self._issued = 1
        self._codes: dict[str, datetime] = {}
        self._known = {first: Token(first, self._refresh_text(first), clock.now() + life)}

    @staticmethod
    def _refresh_text(access: str) -> str:
        return access.replace("-token-", "-refresh-").replace("-session-", "-refresh-")

    def alive(self, access: str) -> bool | None:
        """None for a token that this client never had or that a newer authorisation has replaced."""
        with self._lock:
            token = self._known.get(access)
        return None if token is None else self._clock.now() < token.expires_at

    def newest(self) -> Token:
        with self._lock:
            return list(self._known.values())[-1]

    def new_code(self) -> str:
        """What the platform's authorisation page hands to the redirect address."""
        with self._lock:
            code = f"sandbox-code-{len(self._codes) + 1:04d}"
            self._codes[code] = self._clock.now() + CODE_LIFE
            return code

    def by_code(self, code: str) -> Token | None:
        """A fresh authorisation; every older token stops working."""
        with self._lock:
            until = self._codes.get(code)
            if until is None or self._clock.now() > until:
                return None
            self._codes[code] = self._clock.now() - CODE_LIFE  # one use
            self._known.clear()
            return self._issue(self._clock.now() + self._life)

    def renew(self, refresh: str, *, extends: bool, only_in_last: timedelta | None = None) -> Token | None:
        """A new pair for a refresh token; None if it is unknown, too late or, with `only_in_last`, too early."""
        with self._lock:
            token = next((known for known in self._known.values() if known.refresh == refresh), None)
            now = self._clock.now()
            if token is None or now >= token.expires_at:
                return None
            if only_in_last is not None and now < token.expires_at - only_in_last:
                return None
            self._known[token.access] = replace(token, refresh="")  # a refresh token works once
            return self._issue(now + self._life if extends else token.expires_at)

    def expire(self) -> None:
        """End every token now, as a seller does who withdraws the authorisation."""
        with self._lock:
            self._known = {key: replace(token, expires_at=self._clock.now()) for key, token in self._known.items()}

    def _issue(self, expires_at: datetime) -> Token:
        self._issued += 1
        access = f"{self._stem}-{self._issued:04d}"
        token = Token(access, self._refresh_text(access), expires_at)
        self._known[access] = token
        return token
