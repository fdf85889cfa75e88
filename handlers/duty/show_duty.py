"""`值班`: who has each role's matters now, and who works when this week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers import people
from handlers.desk import Desk
from handlers.duty import duty, periods, shifts
from handlers.duty.duty import Roster
from handlers.duty.view import DutyRole, DutyView
from handlers.people import Person
from handlers.wording import moment
from models import Role
from models.beijing import BEIJING
from models.people import ROLE_TITLES

_AHEAD = timedelta(days=7)


def show(desk: Desk, *, note: str = "") -> DutyView:
    everybody, roster = people.staff(desk), duty.roster(desk)
    roles = tuple(_role(desk, role, everybody, roster) for role in Role)
    return DutyView(desk.now, roles, _night(roster), note)


def _role(desk: Desk, role: Role, everybody: Sequence[Person], roster: Roster) -> DutyRole:
    lead = next((one.name for one in everybody if one.id == roster.leads.get(role)), "")
    holders = [one for one in everybody if role in one.roles]
    return DutyRole(
        ROLE_TITLES[role], _now(desk, role, everybody, roster), lead, tuple(_week(desk, one, roster) for one in holders)
    )


def _now(desk: Desk, role: Role, everybody: Sequence[Person], roster: Roster) -> tuple[str, ...]:
    on_duty = roster.on_duty(everybody, role, desk.now)
    at_work = [one for one in on_duty if role in one.roles and roster.on_shift(one.id, desk.now)]
    if at_work:
        return tuple(_until(one, roster, desk.now) for one in at_work)
    if not on_duty:
        return ("还没有人",)
    return (f"现在没有人值班，急事找{on_duty[0].name}",)


def _until(person: Person, roster: Roster, now: datetime) -> str:
    until = roster.hours_of(person.id).until(now)
    if until is None:
        return person.name
    local = until.astimezone(BEIJING)
    return f"{person.name}（到 {local:%H:%M}）" if until - now < timedelta(days=1) else person.name


def _week(desk: Desk, person: Person, roster: Roster) -> str:
    away = [one for one in roster.away if one.staff_id == person.id and one.ends_at > desk.now]
    soon = [periods.shown(one.starts_at, one.ends_at) for one in away if one.starts_at < desk.now + _AHEAD]
    said = [f"{person.name} {shifts.shown(roster.hours_of(person.id), desk)}", *(f"{one} 请假" for one in soon)]
    return "；".join(said)


def _night(roster: Roster) -> str:
    night = roster.night
    return f"免打扰 {night.shown}；发货时限快到的除外" if night.start != night.end else ""


def back(desk: Desk, staff_id: int) -> str:
    """When somebody off shift may be told: "12-23 09:00"; "" while they may."""
    until = duty.quiet_until(desk, staff_id, desk.now)
    return moment(until) if until is not None else ""
