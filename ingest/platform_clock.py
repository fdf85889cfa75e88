"""A marketplace's clock as far as we know it: ours, corrected by what was measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from ingest.beijing import required_moment
from ingest.http import Wire, transient
from ingest.snapshot import Unreadable
from ingest.source import Action, PlatformError

_NOTICED: Final = 1.5  # platforms tell whole seconds, so less is noise


class PlatformClock:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._correction = timedelta()

    def now(self) -> datetime:
        return self._now() + self._correction

    def measure(self, ask: Callable[[], Any], wire: Wire) -> float:
        """Go right by what `ask` says, Beijing text. A platform may refuse even that question for our clock's sake;
        then the reply's Date brings us near enough to ask again. Returns seconds like `correct`."""
        asked_at, nearer = self.now(), 0.0
        try:
            told = ask()
        except PlatformError as error:
            if error.resolution.action is not Action.CLOCK or wire.date is None:
                raise
            nearer, asked_at = self.correct(wire.date, asked_at), self.now()
            told = ask()
        try:
            return nearer + self.correct(required_moment(told, "平台时间"), asked_at)
        except Unreadable:
            raise transient("no-time") from None

    def correct(self, platform: datetime, asked_at: datetime) -> float:
        """The platform said `platform` to a question asked at `asked_at` (by this clock). Goes right from now on;
        returns by how many seconds it was corrected, positive when it was slow."""
        middle = asked_at + (self.now() - asked_at) / 2
        difference = (platform - middle).total_seconds()
        if -0.5 - _NOTICED < difference < _NOTICED - 0.5:  # told seconds are cut off: 0.5 late on average
            return 0.0
        self._correction += timedelta(seconds=difference)
        return difference
