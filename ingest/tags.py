"""Tags: `TB-20251222-001`: prefix, Beijing day of creation on the platform, number. Gapless, never reused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.beijing import BEIJING

# One statement per batch; days in order, so that two writers never wait for each other in a circle.
_TAKE: Final = text("""
    INSERT INTO tag_counters (prefix, day, last)
    SELECT :prefix, day, many
    FROM unnest(CAST(:days AS text[]), CAST(:counts AS int[])) AS wanted (day, many) ORDER BY day
    ON CONFLICT (prefix, day) DO UPDATE SET last = tag_counters.last + excluded.last
    RETURNING day, last
""")


def give(session: Session, prefix: str, created: Sequence[datetime]) -> list[str]:
    """A tag for each moment of creation, in that order. The numbers are taken until the caller commits; a roll-back
    gives them back, for nobody else could number this prefix and day meanwhile."""
    days = [moment.astimezone(BEIJING).date().isoformat().replace("-", "") for moment in created]
    wanted = Counter(days)
    taken = session.execute(
        _TAKE, {"prefix": prefix, "days": list(wanted), "counts": list(wanted.values())}
    )  # fmt: skip
    next_number = {day: last - wanted[day] for day, last in taken}
    given = []
    for day in days:
        next_number[day] += 1
        given.append(f"{prefix}-{day}-{next_number[day]:03d}")
    return given
