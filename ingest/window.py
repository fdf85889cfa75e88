"""Which stretch of platform time to ask for next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingest.source import Windows


@dataclass(frozen=True, slots=True)
class Window:
    """Closed at both ends, whole seconds, platform time."""

    start: datetime
    end: datetime


def next_window(synced_to: datetime, until: datetime, windows: Windows) -> Window | None:
    """The window after `synced_to`, its overlap inside the span; None when `until` is reached."""
    until = until.replace(microsecond=0)
    if until <= synced_to:
        return None
    start = (synced_to - windows.overlap).replace(microsecond=0)
    return Window(start, min(start + windows.span, until))
