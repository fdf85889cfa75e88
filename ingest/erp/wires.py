"""An ERP's addresses: one path per method, behind one gate; and its clock, by the Date of what it answered last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from ingest.gate import Gate
from ingest.http import Wire
from ingest.platform_clock import PlatformClock

T = TypeVar("T")


class Wires:
    def __init__(self, gateway: str, gate: Gate, clock: PlatformClock) -> None:
        self._gateway, self._gate, self._clock = gateway, gate, clock
        self._wires: dict[str, Wire] = {}
        self._told: tuple[datetime, datetime] | None = None  # its Date, and when that came by our clock

    def ask(self, path: str, form: Mapping[str, str], read: Callable[[Mapping[str, Any]], T]) -> T:
        """What `read` makes of the reply; it raises PlatformError for a reply that is an error, and so does this."""
        wire = self._wires.setdefault(path, Wire(self._gateway + path, self._gate))
        with wire.asking(path):
            reply = wire.post(form)
            self._told = (wire.date, self._clock.now()) if wire.date else None
            return read(reply)

    def measure_clock(self) -> float:
        """The ERP tells no time otherwise; the very reply that refused our clock bears one. Seconds as in
        PlatformClock.correct."""
        if self._told is None:
            return 0.0
        date, came_at = self._told
        now = self._clock.now()
        return self._clock.correct(date + (now - came_at), now)
