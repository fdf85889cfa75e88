"""Where in the trail a moment lies. Trail rows are written in the order of time, so its number tells, and a day of it
is read without an index of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk

_SLACK: Final = timedelta(hours=1)  # a row bears the moment at which its work began

# Halves the numbers until one is left; each look is at one row by its key.
_FIRST: Final = text("""
    WITH RECURSIVE probe(low, high) AS (
        SELECT coalesce(min(id), 0), coalesce(max(id), 0) + 1 FROM trail
        UNION ALL
        SELECT CASE WHEN m.at < :at THEN m.id + 1 ELSE p.low END, CASE WHEN m.at < :at THEN p.high ELSE m.middle END
        FROM probe p CROSS JOIN LATERAL (
            SELECT t.id, t.at, (p.low + p.high) / 2 AS middle FROM trail t WHERE t.id >= (p.low + p.high) / 2
            ORDER BY t.id LIMIT 1) m
        WHERE p.low < p.high)
    SELECT max(low) FROM probe
""")


def first_id(desk: Desk, at: datetime) -> int:
    """No row of the trail that is of `at` or later has a smaller number."""
    return int(desk.session.execute(_FIRST, {"at": at - _SLACK}).scalar_one())


def beyond(desk: Desk, at: datetime) -> int:
    """No row that is earlier than `at` has this number or a larger one."""
    return int(desk.session.execute(_FIRST, {"at": at + _SLACK}).scalar_one())
