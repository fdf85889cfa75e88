"""Up to which UID a mailbox is read. A mail that is moved into the folder later keeps the date at which it came, and no
window of dates finds it any more; its UID is a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.beijing import BEIJING

# What was handed out last is stored, for the cursor has come so far.
_SETTLE: Final = text("""
    UPDATE mailbox_marks m SET read_to = m.next_to, next_strangers = 0,
        strangers = m.next_strangers + CASE WHEN m.strangers_on = :today THEN m.strangers ELSE 0 END,
        strangers_on = CASE WHEN m.next_strangers > 0 THEN :today ELSE m.strangers_on END
    FROM shops s JOIN cursors c ON c.shop_id = s.id
    WHERE m.slug = :slug AND s.slug = m.slug AND c.api = :api AND c.synced_to >= m.next_at
        AND (m.read_to IS DISTINCT FROM m.next_to OR m.next_strangers > 0)
""")
_READ_TO: Final = text("""
    SELECT read_to FROM mailbox_marks WHERE slug = :slug AND folder = :folder AND validity = :validity
""")
_NOTE: Final = text("""
    INSERT INTO mailbox_marks (slug, folder, validity, next_to, next_at, next_strangers)
    VALUES (:slug, :folder, :validity, :next_to, :next_at, :strangers)
    ON CONFLICT (slug) DO UPDATE SET folder = excluded.folder, validity = excluded.validity,
        next_to = excluded.next_to, next_at = excluded.next_at, next_strangers = excluded.next_strangers,
        read_to = CASE WHEN (mailbox_marks.folder, mailbox_marks.validity) = (excluded.folder, excluded.validity)
            THEN mailbox_marks.read_to END
""")


@dataclass(frozen=True, slots=True)
class Place:
    """UIDs mean something within one folder, as long as its `validity` stays."""

    slug: str
    folder: str
    validity: int


def read_to(session: Session, place: Place, api: str, now: datetime) -> int | None:
    """The highest UID up to which all is stored; None where that folder was never read to an end. Commits."""
    session.execute(_SETTLE, {"slug": place.slug, "api": api, "today": now.astimezone(BEIJING).date()})
    values = {"slug": place.slug, "folder": place.folder, "validity": place.validity}
    found: int | None = session.scalar(_READ_TO, values)
    session.commit()
    return found


def note(session: Session, place: Place, *, next_to: int, next_at: datetime, strangers: int) -> None:
    """All up to UID `next_to` was handed out; it is stored once the shop is read up to `next_at`. Commits."""
    session.execute(_NOTE, {
        "slug": place.slug, "folder": place.folder, "validity": place.validity, "next_to": next_to,
        "next_at": next_at, "strangers": strangers,
    })  # fmt: skip
    session.commit()
