"""When a shift ends: a little before, whoever still has matters is asked once whether the next one shall take them; at
its end what they never said yes to is free for those who are there."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people
from handlers.desk import SYSTEM, Actor, Desk
from handlers.duty import duty, moving, telling
from handlers.duty.duty import Roster
from handlers.kinds import kind_of
from handlers.people import Person
from models import Role

CLOCK: Final = replace(SYSTEM, source="clock")
_BREAK: Final = timedelta(hours=3)  # whoever is back by then went for lunch
_SOON: Final = timedelta(hours=1)  # whose shift begins by then comes next
_LATELY: Final = timedelta(minutes=30)  # how long after a shift's end the clock may come to look at it
_APART: Final = ("intercept", "look_failed")
"""Matters with a clock of their own."""

_LOOSE: Final = text("""
    SELECT id, kind, role, owner_id, evidence FROM cases WHERE state = 'open' AND owner_id = ANY(:owners) ORDER BY id
""")
_ASKED: Final = text("""
    SELECT s.id, EXISTS (SELECT FROM handovers h WHERE h.giver_id = s.id
            AND (h.state = 'offered' OR h.offered_at >= :since)) AS done,
        EXISTS (SELECT FROM cases c WHERE c.owner_id = s.id AND c.state IN ('open', 'claimed')) AS has
    FROM staff s WHERE s.id = :id FOR NO KEY UPDATE OF s SKIP LOCKED
""")
_ADD: Final = text("""
    INSERT INTO handovers (giver_id, taker_id, items, kept, state, offered_at, due_at, expires_at)
    VALUES (:giver_id, :taker_id, cast(:items AS jsonb), cast(:kept AS jsonb), 'proposed', :now, :ends_at, :ends_at)
    RETURNING id
""")


def look(desk: Desk) -> None:
    """The clock's look: who goes soon, and who has just gone. Nobody without a shift goes: all keep the same hours."""
    roster = duty.roster(desk)
    if not roster.hours:
        return
    everybody = [one for one in people.staff(desk) if not one.away]
    before = timedelta(minutes=desk.settings.assign.hand_over_minutes)
    for one in everybody:
        ends_at = _ends_at(roster, one, desk.now)
        if ends_at is not None and desk.now >= ends_at - before:
            _ask(desk, (roster, everybody), one, ends_at)
    set_free(desk, {one.id for one in everybody if _just_gone(roster, one, desk.now)}, CLOCK)


def is_gone(roster: Roster, staff_id: int, at: datetime) -> bool:
    """Off shift, and not for a break."""
    hours = roster.hours_of(staff_id)
    if hours.on(at):
        return False
    back = hours.back_at(at)
    return back is None or back - at > _BREAK


def set_free(desk: Desk, gone: Collection[int], actor: Actor) -> None:
    """What lies with these who went, and they have not said yes to, is the pool's again where somebody is there for
    it; else it stays with them, who are back in the morning."""
    loose = desk.session.execute(_LOOSE, {"owners": sorted(gone)}).all() if gone else ()
    wanted = [row for row in loose if row.kind not in _APART and kind_of(row.kind, row.evidence).tells]
    if not wanted:
        return
    roster, everybody = duty.roster(desk), people.staff(desk)
    free = [f"case:{row.id}" for row in wanted if _others_are_here(desk, (roster, everybody), row)]
    names = {one.id: one.name for one in everybody}
    lying = moving.these(desk, free)
    for owner_id in sorted({row.owner_id for row in wanted}):
        words = f"{names.get(owner_id, '')} → {moving.POOL}"
        cases = [case for case in lying.cases if case.owner_id == owner_id and case.state == "open"]
        changes = [moving.assigned(desk, case, None, words) for case in cases]
        moving.apply(desk, lying, changes, actor, action="下班放回")
        why = f"{names.get(owner_id, '')}下班了"
        telling.tell_new_owners(desk, changes, subject=f"staff:{owner_id}", why=why)


def _others_are_here(desk: Desk, office: tuple[Roster, Sequence[Person]], row: Row[Any]) -> bool:
    roster, everybody = office
    found = roster.on_duty(everybody, Role(row.role), desk.now)
    return any(one.id != row.owner_id and roster.on_shift(one.id, desk.now) for one in found)


def _ends_at(roster: Roster, one: Person, at: datetime) -> datetime | None:
    """When the shift that somebody is on ends for good; None for who has no shift of their own, and before a break."""
    hours = roster.hours.get(one.id)
    ends_at = hours.until(at) if hours is not None else None
    return ends_at if ends_at is not None and is_gone(roster, one.id, ends_at) else None


def _just_gone(roster: Roster, one: Person, at: datetime) -> bool:
    ended = _ends_at(roster, one, at - _LATELY)
    return ended is not None and ended <= at and is_gone(roster, one.id, at)


def _ask(desk: Desk, office: tuple[Roster, Sequence[Person]], giver: Person, ends_at: datetime) -> None:
    """Once for each shift, who has not thought of it already, and where somebody comes who could take it."""
    taker = _next(*office, giver, ends_at)
    before = timedelta(minutes=desk.settings.assign.hand_over_minutes)
    if taker is None:
        return
    found = desk.session.execute(_ASKED, {"id": giver.id, "since": ends_at - before}).one_or_none()
    if found is None or found.done or not found.has:
        return
    items, kept = sorted_out(desk, giver, taker)
    if not items:
        return
    values = {
        "giver_id": giver.id, "taker_id": taker.id, "items": json.dumps(items), "kept": json.dumps(kept),
        "now": desk.now, "ends_at": ends_at,
    }  # fmt: skip
    subject = f"handover:{desk.session.execute(_ADD, values).scalar_one()}"
    card = owe.Owed(f"{subject}:leaving:staff:{giver.id}", "staff", "card", subject, str(giver.id))
    owe.owe(desk, [card])


def sorted_out(desk: Desk, giver: Person, taker: Person) -> tuple[list[str], list[str]]:
    """What lies with `giver`: what `taker` may do, and what not, as subjects."""
    lying = moving.lying_with(desk, giver.id)
    kept = [f"case:{case.id}" for case in lying.cases if not moving.fits(case, taker)]
    return [subject for subject in lying.subjects if subject not in kept], kept


def _next(roster: Roster, everybody: Iterable[Person], giver: Person, at: datetime) -> Person | None:
    """Of those of the same role who are there then, or come soon, who stays longest; else their lead, else a
    supervisor, who is there then. None where all go home."""
    absent = roster.absent(at)
    others = [one for one in everybody if one.id != giver.id and one.id not in absent]
    alike = [one for one in others if one.roles & giver.roles]
    leads = {roster.leads.get(role) for role in giver.roles}
    here = {one.id: _stays(roster, one.id, at) for one in others}
    there = {one.id: until for one in alike if (until := here[one.id] or _stays(roster, one.id, at + _SOON))}
    if there:
        return max((one for one in alike if one.id in there), key=lambda one: (there[one.id], -one.id))
    above = [one for one in others if one.id in leads] + [one for one in others if Role.SUPERVISOR in one.roles]
    return next((one for one in above if here[one.id]), None)


def _stays(roster: Roster, staff_id: int, at: datetime) -> datetime | None:
    """Until when, where they are on shift then."""
    return roster.hours_of(staff_id).until(at)
