"""Who is told one by one what a group's message tells, where no group can be pushed to: those whose matter it is just
now (manner 8), without those who want to hear nothing of its kind (manner 9)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers import people
from handlers.desk import Desk
from handlers.duty import duty
from models import Notification, Role, Urgency

_CASE: Final = text("""
    SELECT c.role, ARRAY(SELECT m.staff_id FROM mutes m WHERE m.until_at > :now AND m.kind IN (c.kind,
        CASE c.kind WHEN 'cause_group' THEN c.evidence ->> 'of' WHEN 'stale_group' THEN 'stale_stage' END)) AS muted
    FROM cases c WHERE c.id = :id
""")


def of(desk: Desk, row: Notification, platform: str) -> list[people.Person]:
    """In the order of their ids; only those who are on the platform. Where all who should hear are elsewhere or want
    to hear nothing, the supervisors who are there, and at last whoever should: nothing is lost."""
    kind, _, number = row.subject.partition(":")
    is_case = kind == "case" and number.isdecimal()
    case = desk.session.execute(_CASE, {"id": int(number), "now": desk.now}).one_or_none() if is_case else None
    muted = set(case.muted) if case is not None and row.urgency != Urgency.ALERT else set()
    everybody, roster = people.staff(desk), duty.roster(desk)
    role = Role(case.role) if case is not None else Role.SUPERVISOR
    here = [one for one in everybody if platform in one.userids and one.roles & {role, Role.SUPERVISOR}]
    told = [
        [one for one in roster.told_of(here, each, desk.now) if quiet or one.id not in muted]
        for each, quiet in ((role, False), (Role.SUPERVISOR, False), (role, True))
    ]
    return sorted(next((found for found in told if found), []), key=lambda one: one.id)
