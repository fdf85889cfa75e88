"""What the edition allows: calls of a month, messages and callbacks of a month, calls of a second (dingtalk.md 4.3)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

from sandbox.chat_limits import Limiter, Watch
from sandbox.clock import Clock
from sandbox.company import DingTalk
from sandbox.dingtalk_errors import Declined, OldDeclined


class _Wall:
    """A second is one of the wall: whoever has to wait for it waits there, and the sandbox's clock may stand still."""

    def epoch(self) -> float:
        return time.monotonic()


class Quota:
    """A month is Beijing's, by the sandbox's clock. `calls` counts what is paid for, `exempt` what is not."""

    def __init__(self, settings: DingTalk, clock: Clock, wall: Watch | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._seconds = Limiter(wall or _Wall(), windows=((1.0, settings.calls_per_second),))
        self._lock = threading.Lock()
        self._month = ""
        self.calls: Counter[str] = Counter()
        self.exempt: Counter[str] = Counter()
        self.stream: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()

    def call(self, api: str, *, paid: bool = True) -> None:
        """Count one call to the new host. Raises Declined; what is throttled is not counted."""
        if code := self._refusal(api, paid):
            raise Declined(403, f"Forbidden.AccessDenied.{code}", "接口调用超限")

    def old_call(self, api: str, *, paid: bool = True) -> None:
        """Count one call to the old host. Raises OldDeclined."""
        code = self._refusal(api, paid)
        if code == "QpsLimitForAppkeyAndApi":
            raise OldDeclined(90018, "您的服务器调用钉钉开放平台当前接口的每秒最大请求次数超限")
        if code:
            raise OldDeclined(90020, "企业当月的接口调用次数已用完")

    def unit(self, what: str) -> bool:
        """Count one message or callback of Webhook and Stream; whether the month still allowed it."""
        with self._lock:
            self._turn()
            self.stream[what] += 1
            return self.stream.total() <= self._settings.stream_per_month

    def use_up(self, *, calls: int = 0, stream: int = 0) -> None:
        """Count so many that nobody made: for tests."""
        with self._lock:
            self._turn()
            self.calls["(used up)"] += calls
            self.stream["(used up)"] += stream

    def forget(self) -> None:
        with self._lock:
            self._clear()
            self._seconds.forget()

    def told(self) -> dict[str, Any]:
        with self._lock:
            self._turn()
            settings = self._settings
            return {
                "month": self._month,
                "calls": self.calls.total(),
                "calls_per_month": settings.calls_per_month,
                "calls_by_api": dict(self.calls.most_common()),
                "exempt_by_api": dict(self.exempt.most_common()),
                "stream": self.stream.total(),
                "stream_per_month": settings.stream_per_month,
                "stream_by_kind": dict(self.stream.most_common()),
                "calls_per_second": settings.calls_per_second,
                "rejected": dict(self.rejected.most_common()),
            }

    def _refusal(self, api: str, paid: bool) -> str:
        with self._lock:
            self._turn()
            if not self._seconds.take(api):
                self.rejected["QpsLimitForAppkeyAndApi"] += 1
                return "QpsLimitForAppkeyAndApi"
            if not paid:
                self.exempt[api] += 1
                return ""
            if self.calls.total() >= self._settings.calls_per_month:
                self.rejected["ApiCountLimitForOrg"] += 1
                return "ApiCountLimitForOrg"
            self.calls[api] += 1
            return ""

    def _turn(self) -> None:
        month = f"{self._clock.beijing():%Y-%m}"
        if month != self._month:
            self._month = month
            self._clear()

    def _clear(self) -> None:
        for counted in (self.calls, self.exempt, self.stream, self.rejected):
            counted.clear()
