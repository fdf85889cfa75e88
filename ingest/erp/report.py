"""What one reading of an ERP did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class ErpReport:
    """`problem` is Chinese and "" when all went well; `stopped`: this reading stopped the ERP, and why."""

    slug: str
    busy: bool = False  # somebody else reads it at the moment
    skipped: str = ""  # "stopped" or "waiting": nothing was asked of it
    levels: int = 0
    orders: int = 0
    unreadable: int = 0
    more: bool = False  # windows are left: read again at once
    stopped: str = ""
    wait_until: datetime | None = None
    problem: str = ""

    @property
    def finished(self) -> bool:
        """Whether the ERP answered everything that was asked."""
        return not (self.busy or self.skipped or self.problem)
