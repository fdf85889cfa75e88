"""Matters that nobody has taken, handed out one after the other."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers import people
from handlers.buttons import MOST_OPTIONS, NOTHING, PLEASE_PICK, Choice, Offer
from handlers.desk import Desk
from handlers.dispatch.view import DispatchView
from handlers.kinds import title_of
from handlers.permissions import role_titles
from models.case import short_code

SUBJECT: Final = "dispatch:0"
MATTER: Final = "matter"
PERSON: Final = "person"

_FREE: Final = text("""
    SELECT c.id, c.kind, c.evidence, c.opened_at, count(*) OVER () AS total
    FROM cases c WHERE c.state = 'open' AND c.owner_id IS NULL ORDER BY c.opened_at, c.id LIMIT :n
""")


def show(desk: Desk, *, note: str = "") -> DispatchView:
    """The oldest first; the first is chosen already, so that a supervisor need only say who. Who it goes to is never
    chosen already: a press that says nobody changes nothing."""
    free = desk.session.execute(_FREE, {"n": MOST_OPTIONS}).all()
    everybody = people.staff(desk)
    matters = tuple((str(row.id), _named(row)) for row in free)
    persons = tuple((str(one.id), f"{one.name} {role_titles(one.roles)}") for one in everybody)
    asked = (PLEASE_PICK, *persons)[:MOST_OPTIONS]
    return DispatchView(
        total=free[0].total if free else 0,
        oldest_at=free[0].opened_at if free else None,
        matters=Choice(MATTER, "哪一件", matters, matters[0][0]) if matters else None,
        people=Choice(PERSON, "交给谁", asked, NOTHING) if persons else None,
        at=desk.now,
        offers=(Offer("指派", "dispatch", SUBJECT, 0, style="main"),) if matters else (),
        note=note,
        unlisted=len(persons) + 1 - len(asked),
    )


def _named(row: Row[Any]) -> str:
    return f"{short_code(row.id)} {title_of(row.kind, row.evidence)}"
