"""The sandbox's own time, so that hours can pass in a test without waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

# Fixed, not a zone name: Beijing has no daylight saving and the host may have no zone database.
BEIJING = timezone(timedelta(hours=8))


class Clock:
    """Real time plus an offset, or, with `standing_at`, a clock that stands still until it is moved."""

    def __init__(self, *, standing_at: datetime | None = None, source: Callable[[], float] = time.time) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0
        if standing_at is None:
            self._source = source
        else:
            at = standing_at.timestamp()
            self._source = lambda: at

    def epoch(self) -> float:
        with self._lock:
            return self._source() + self._offset

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.epoch(), UTC)

    def beijing(self) -> datetime:
        return self.now().astimezone(BEIJING)

    def move(self, seconds: float) -> None:
        """Negative seconds move it back."""
        with self._lock:
            self._offset += seconds

    def set_offset(self, seconds: float) -> None:
        with self._lock:
            self._offset = seconds
