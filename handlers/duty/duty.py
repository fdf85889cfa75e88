"""Who is there: on shift, absent, on duty for a role, and until when somebody is left in peace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers import people
from handlers.desk import Desk, Refusal
from handlers.duty import periods
from handlers.duty.hours import Hours, Night, Span
from models import Role

_MOST_ABSENCES: Final = 50  # one after the other, before somebody is back

# One statement, whoever is asked about: a company has a handful of people.
_ROSTER: Final = text("""
    SELECT
        (SELECT jsonb_build_array(from_minute, to_minute, release_minute) FROM quiet_hours WHERE name = 'company')
            AS night,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(staff_id, weekdays, workdays, day, from_minute, to_minute)
            ORDER BY staff_id, from_minute), '[]') FROM shifts WHERE day IS NULL OR day >= :since) AS shifts,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(staff_id, starts_at, ends_at, reason, deputy_id, id)
            ORDER BY starts_at), '[]') FROM absences WHERE state IN ('planned', 'begun')) AS absences,
        (SELECT coalesce(jsonb_object_agg(role, staff_id), '{}') FROM leads) AS leads
""")


@dataclass(frozen=True, slots=True)
class Away:
    """An absence that counts: planned, or begun."""

    staff_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str
    deputy_id: int | None
    absence_id: int


@dataclass(frozen=True, slots=True)
class Roster:
    """All that decides who is there, read once."""

    night: Night = field(default_factory=Night)
    hours: Mapping[int, Hours] = field(default_factory=dict)
    away: tuple[Away, ...] = ()
    leads: Mapping[Role, int] = field(default_factory=dict)

    def hours_of(self, staff_id: int) -> Hours:
        return self.hours.get(staff_id) or Hours(self.night)

    def on_shift(self, staff_id: int, at: datetime) -> bool:
        return self.hours_of(staff_id).on(at)

    def absence(self, staff_id: int, at: datetime) -> Away | None:
        found = (one for one in self.away if one.staff_id == staff_id and one.starts_at <= at < one.ends_at)
        return max(found, key=lambda one: one.ends_at, default=None)

    def absent(self, at: datetime) -> set[int]:
        return {one.staff_id for one in self.away if one.starts_at <= at < one.ends_at}

    def quiet_until(self, staff_id: int, at: datetime) -> datetime | None:
        """None while they may be told things; else when they are back."""
        hours, moment = self.hours_of(staff_id), at
        for _ in range(_MOST_ABSENCES):
            away = self.absence(staff_id, moment)
            if away is not None:
                moment = away.ends_at
            elif hours.on(moment):
                return moment if moment > at else None
            else:
                back = hours.back_at(moment)
                if back is None:
                    return None  # no shift in sight: they must not wait for ever
                moment = back
        return None

    def company_quiet_until(self, at: datetime) -> datetime | None:
        """The same for a chat that many read."""
        hours = Hours(self.night)
        return None if hours.on(at) else hours.back_at(at)

    def on_duty(self, everybody: Iterable[people.Person], role: Role, at: datetime) -> list[people.Person]:
        """Whose matter a role's is now: those of the role on shift and not absent; where there are none its lead, else
        the supervisors who are there, else whoever there is. Never nobody, while anybody works here."""
        everybody = list(everybody)
        holders = [person for person in everybody if role in person.roles]
        supervisors = [person for person in everybody if Role.SUPERVISOR in person.roles]
        lead = [person for person in everybody if person.id == self.leads.get(role)]
        gone = self.absent(at)
        here = [[one for one in group if one.id not in gone] for group in (holders, lead, supervisors)]
        on_shift = [[one for one in group if self.on_shift(one.id, at)] for group in (here[0], here[2])]
        chances = (on_shift[0], here[1], on_shift[1], here[2], here[0], supervisors, holders, everybody)
        return next((found for found in chances if found), [])

    def lead_or_on_duty(self, everybody: Iterable[people.Person], role: Role, at: datetime) -> list[int]:
        """The named lead alone, while there and on shift; else whose matter the role's is then."""
        everybody = list(everybody)
        lead = self.leads.get(role)
        here = lead in {one.id for one in everybody} and lead not in self.absent(at)
        if lead is not None and here and self.on_shift(lead, at):
            return [lead]
        return [one.id for one in self.on_duty(everybody, role, at)]

    def told_of(self, everybody: Iterable[people.Person], role: Role, at: datetime) -> list[people.Person]:
        """Who hears of a role's matter: those of it on shift; while nobody is, the one on duty, and those of the role
        who are not absent, for when they are back."""
        everybody = list(everybody)
        on_duty = self.on_duty(everybody, role, at)
        if any(role in one.roles and self.on_shift(one.id, at) for one in on_duty):
            return on_duty
        gone = self.absent(at)
        back_soon = [one for one in everybody if role in one.roles and one.id not in gone]
        return list({one.id: one for one in (*on_duty[:1], *back_soon)}.values())


def roster(desk: Desk) -> Roster:
    row = desk.session.execute(_ROSTER, {"since": (desk.now - timedelta(days=2)).date()}).one()
    usual = desk.settings.quiet
    night = Night(*row.night) if row.night else Night.of(usual.begins, usual.ends, usual.told_at)
    away = tuple(Away(one[0], _at(one[1]), _at(one[2]), one[3], one[4], one[5]) for one in row.absences)
    leads = {Role(role): staff_id for role, staff_id in row.leads.items()}
    return Roster(night, _hours(night, row.shifts), away, leads)


def on_shift(desk: Desk, staff_id: int, at: datetime) -> bool:
    """Whether that is within somebody's working hours, absent or not."""
    return roster(desk).on_shift(staff_id, at)


def absent(desk: Desk, at: datetime) -> set[int]:
    """The ids of those who are away then."""
    return roster(desk).absent(at)


def on_duty(desk: Desk, role: Role, at: datetime) -> list[people.Person]:
    """Whose matter a role's is at that moment (`Roster.on_duty`)."""
    return roster(desk).on_duty(people.staff(desk), role, at)


def quiet_until(desk: Desk, staff_id: int, at: datetime) -> datetime | None:
    """None while somebody may be told things; else the moment at which they are back."""
    return roster(desk).quiet_until(staff_id, at)


def check_here(desk: Desk, person: people.Person) -> None:
    """Raises Refusal for somebody who is absent now: nothing is given to them."""
    away = roster(desk).absence(person.id, desk.now) if person.away else None
    if away is None:
        return
    others = "、".join(one.name for one in people.staff(desk) if not one.away)
    when = periods.shown(away.starts_at, away.ends_at)
    raise Refusal(f"{person.name}请假（{when}），现在不能交给{person.name}；可以交给：{others}")


def _at(words: str) -> datetime:
    return datetime.fromisoformat(words)


def _hours(night: Night, shifts: Iterable[list[Any]]) -> dict[int, Hours]:
    weeks: dict[int, list[list[Span]]] = {}
    workdays: dict[int, list[Span]] = {}
    days: dict[int, dict[date, list[Span]]] = {}
    for staff_id, weekdays, legal, day, start, end in shifts:
        if day is not None:
            spans = days.setdefault(staff_id, {}).setdefault(date.fromisoformat(day), [])
            spans += [Span(start, end)] if end > start else []
        elif legal:
            workdays.setdefault(staff_id, []).append(Span(start, end))
        else:
            week = weeks.setdefault(staff_id, [[] for _ in range(7)])
            for number in range(7):
                week[number] += [Span(start, end)] if weekdays >> number & 1 else []
    return {
        staff_id: Hours(
            night,
            tuple(map(tuple, weeks[staff_id])) if staff_id in weeks else None,
            tuple(workdays.get(staff_id, ())),
            {day: tuple(spans) for day, spans in days.get(staff_id, {}).items()},
        )
        for staff_id in {*weeks, *workdays, *days}
    }
