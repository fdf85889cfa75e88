"""Asks a platform for what its list of changes should have shown: the numbers of what was created meanwhile. What the
hub lacks of it is read at once."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import text

from ingest.reading import BATCH, Reading, batches

# One that is kept unread was shown all the same.
_HERE: Final = text("""
    SELECT external_id FROM orders WHERE shop_id = :shop AND external_id = ANY(:ids)
    UNION SELECT external_id FROM raw_payloads
    WHERE shop_id = :shop AND external_id = ANY(:ids) AND problem IS NOT NULL
""")
_SHOWN_LATER: Final = text("""
    SELECT external_id FROM orders WHERE shop_id = :shop AND external_id = ANY(:ids) AND modified_at > :read_to
""")


def missed(reading: Reading, start: datetime, end: datetime, *, read_to: datetime) -> list[str]:
    """Numbers of orders that were created in the closed window and not changed since `read_to`, and that only this
    question brought. Raises PlatformError."""
    if reading.call(lambda: reading.marketplace.count_created(start, end)) == 0:
        return []
    lacking = reading.call(lambda: _lacking(reading, start, end))
    if not lacking:
        return []
    reading.take_created(start, end)
    with reading.sessions() as session:
        wanted = {"shop": reading.shop_id, "ids": lacking, "read_to": read_to}
        on_their_way = set(session.execute(_SHOWN_LATER, wanted).scalars())
    return [number for number in lacking if number not in on_their_way]


def _lacking(reading: Reading, start: datetime, end: datetime) -> list[str]:
    listed = sorted({
        record.external_id for batch in batches(reading.marketplace.created(start, end)) for record in batch
    })  # fmt: skip
    found: list[str] = []
    for first in range(0, len(listed), BATCH):
        ids = listed[first : first + BATCH]
        with reading.sessions() as session:
            here = set(session.execute(_HERE, {"shop": reading.shop_id, "ids": ids}).scalars())
        found += [number for number in ids if number not in here]
    return found
