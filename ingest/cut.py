"""A window that a platform cut short, as it is kept until the next pull goes on with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ingest.paging import Progress
from ingest.window import Window

# Rows that left change the total, and with it the marks end. That some left and as many came late would go unseen: the
# longer ago it was read, the likelier.
_GOOD_FOR: Final = timedelta(hours=2)


@dataclass(slots=True)
class Cut:
    """`at`: when reading it began."""

    window: Window
    at: datetime
    progress: Progress = field(default_factory=Progress)

    def dump(self) -> dict[str, Any]:
        """As models.Cursor.page_mark has it."""
        start, end = self.window.start.isoformat(), self.window.end.isoformat()
        return {"start": start, "end": end, "at": self.at.isoformat(), "lists": self.progress.dump()}

    @staticmethod
    def load(dumped: Mapping[str, Any] | None, now: datetime) -> Cut | None:
        """None where none is kept, or it is too old to be gone on with."""
        if dumped is None:
            return None
        start, end, at = (datetime.fromisoformat(dumped[name]) for name in ("start", "end", "at"))
        return Cut(Window(start, end), at, Progress.load(dumped["lists"])) if now - _GOOD_FOR < at <= now else None
