"""What one pull of a shop did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class PullReport:
    """What one pull did. Counts are records; `problem` is Chinese and "" when all went well."""

    shop_id: int
    busy: bool = False  # somebody else pulls this shop at the moment
    skipped: str = ""  # "stopped" or "waiting": nothing was asked of the platform
    windows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unreadable: int = 0
    synced_to: datetime | None = None  # platform time
    more: bool = False  # windows are left: pull again at once
    stopped: str = ""  # this pull stopped the shop, and why: people must be told
    wait_until: datetime | None = None
    problem: str = ""
    clock_offset_seconds: float = 0.0  # platform minus ours

    @property
    def finished(self) -> bool:
        """Whether the platform answered everything that was asked."""
        return not (self.busy or self.skipped or self.problem)
