"""How many orders of a shop were created in each hour: what usually comes is learnt from it (rules/silence.py)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_HOUR: Final = timedelta(hours=1)
_NOTE: Final = text("""
    INSERT INTO arrivals (shop_id, hour, orders, last_at)
    SELECT :shop, hour, many, last FROM unnest(
        CAST(:hours AS timestamptz[]), CAST(:counts AS int[]), CAST(:lasts AS timestamptz[])) AS came (hour, many, last)
    ON CONFLICT (shop_id, hour) DO UPDATE
    SET orders = arrivals.orders + excluded.orders, last_at = greatest(arrivals.last_at, excluded.last_at)
""")


def note(session: Session, shop_id: int, created: Sequence[datetime]) -> None:
    """Count new orders of a shop by their moments of creation, oldest first: one statement for all of them. The
    shop's lock, which whoever stores holds, keeps two writers apart."""
    hours: list[datetime] = []
    counts: list[int] = []
    lasts: list[datetime] = []
    place = 0
    while place < len(created):
        hour = created[place].replace(minute=0, second=0, microsecond=0)
        end = bisect_left(created, hour + _HOUR, place)
        hours.append(hour)
        counts.append(end - place)
        lasts.append(created[end - 1])
        place = end
    if hours:
        session.execute(_NOTE, {"shop": shop_id, "hours": hours, "counts": counts, "lasts": lasts})
