"""Shifts and absences, short to make, and moments of the week of the stories (Monday is 12-22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from handlers.desk import Actor, Desk
from models import Absence, Shift
from models.beijing import BEIJING
from tests.factories import NOW

EVERY_DAY = 0b1111111


def at(words: str) -> datetime:
    """12-22 10:00, in Beijing."""
    return datetime.strptime(f"2025-{words}", "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)


def when(desk: Desk, words: str) -> Desk:
    """The same desk at another moment."""
    return replace(desk, now=at(words))


def works(session: Session, who: Actor, start: int, end: int, **changes: Any) -> None:
    """Daily, from and to that hour."""
    values = {"weekdays": EVERY_DAY, "from_minute": start * 60, "to_minute": end * 60, **changes}
    session.add(Shift(staff_id=who.staff_id, **values))
    session.flush()


def is_away(session: Session, who: Actor, start: str, end: str, **changes: Any) -> Absence:
    values = {"starts_at": at(start), "ends_at": at(end), "asked_at": NOW, **changes}
    made = Absence(staff_id=who.staff_id, **values)
    session.add(made)
    session.flush()
    return made
