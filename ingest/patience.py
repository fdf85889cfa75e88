"""Does what a platform's error says next, as far as that can be done at once: back off, set the clock, renew."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, TypeVar

from ingest.source import Action, PlatformError

T = TypeVar("T")

TRIES: Final = 4
_LONGEST: Final = 30.0


SHORT_SECONDS: Final = 5.0  # of a told wait that is waited for at once
_SHORT_WAITS: Final = 5


def back_off(attempt: int) -> float:
    """Seconds to wait after failed attempt 0, 1, 2 …: anywhere up to a bound that doubles (full jitter), so that those
    who failed together do not come back together."""
    return random.uniform(0.0, min(2.0**attempt, _LONGEST))


class Patience:
    """The patience of one pull. A wait of a few seconds is waited for, a few times; clock and session are each set
    right once; then the error goes up."""

    def __init__(
        self, sleep: Callable[[float], None], set_clock: Callable[[], None], renew: Callable[[], bool]
    ) -> None:  # fmt: skip
        self._sleep = sleep
        self._set_clock = set_clock
        self._waits = _SHORT_WAITS
        self._remedies = {Action.CLOCK: self._clock_set, Action.REFRESH: renew}

    def call(self, work: Callable[[], T]) -> T:
        """What `work`, which may run several times, returns. Raises PlatformError."""
        attempt = 0
        while True:
            try:
                return work()
            except PlatformError as error:
                if not self._remedy(error, attempt):
                    raise
                attempt += error.resolution.action is Action.RETRY

    def _clock_set(self) -> bool:
        self._set_clock()
        return True

    def _remedy(self, error: PlatformError, attempt: int) -> bool:
        """Whether to try again."""
        action = error.resolution.action
        if action is Action.WAIT and 0 < error.wait_seconds <= SHORT_SECONDS and self._waits:
            self._waits -= 1
            self._sleep(error.wait_seconds * random.uniform(1.0, 1.25))
            return True
        if action is Action.RETRY and attempt < TRIES - 1:
            self._sleep(back_off(attempt))
            return True
        remedy = self._remedies.pop(action, None)
        return remedy is not None and remedy()
