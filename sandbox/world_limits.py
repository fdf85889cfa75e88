"""How often a marketplace lets an application call, in sliding windows of its clock (company.toml, `[[limits]]`)."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.chat_limits import Limiter
from sandbox.clock import Clock
from sandbox.company import CallLimit


class CallLimits:
    """The limits of one marketplace. A call that is refused counts for none."""

    def __init__(self, clock: Clock, limits: Sequence[CallLimit]) -> None:
        self._limiters = [(limit, Limiter(clock, windows=[(limit.seconds, limit.calls)])) for limit in limits]

    def take(self, app: str, method: str) -> tuple[CallLimit, float] | None:
        """None where the call is allowed, else the limit that is reached and the seconds until it is not."""
        for limit, limiter in self._limiters:
            if limit.method in ("", method) and not limiter.take(app):
                return limit, limiter.wait(app)
        return None

    def forget(self) -> None:
        for _, limiter in self._limiters:
            limiter.forget()
