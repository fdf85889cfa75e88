"""Manner 5: of the many who read a card one is called (@), and never all: the owner, else the one person whose matter
it is just now. Where several could take it nobody is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from handlers import people
from handlers.desk import Desk
from handlers.duty import duty
from models import Role


def to_call(desk: Desk, case: Row[Any]) -> Mapping[str, str]:
    """Platform → userid. Nobody for a case that somebody has claimed, or that is over; nobody off shift."""
    if case.state != "open":
        return {}
    everybody, roster = people.staff(desk), duty.roster(desk)
    if case.owner_id is not None:
        found = [one for one in everybody if one.id == case.owner_id]
    else:
        found = roster.on_duty(everybody, Role(case.role), desk.now)
    here = [one for one in found if not one.away and roster.on_shift(one.id, desk.now)]
    return here[0].userids if len(here) == 1 else {}
