"""Beijing time, which everybody here means. Fixed, not a zone's name: Beijing has no daylight saving, and the host may
have no zone database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")


def day_start(day: date) -> datetime:
    """Midnight in Beijing."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)
