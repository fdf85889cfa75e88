"""Who gets a matter: a new one in the mode 自动, and in any mode one that nobody has claimed at the end of its ladder.
Never the absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people
from handlers.assigning import mode, skills
from handlers.assigning.choosing import Choice, Hand, choose
from handlers.desk import Desk
from handlers.duty import duty
from handlers.kinds import kind_of
from handlers.matter import Opening
from handlers.tuning.tuned import tuned
from models import Role
from models.people import ROLE_TITLES

GIVEN: Final = "given"
"""In the evidence: to whom, why in words, and who looks after it while nobody has it."""
_APART: Final = ("intercept", "look_failed")
"""A race that the lead runs, and what broke the code: told at once to whom it concerns."""

_LOADS: Final = text("""
    SELECT owner_id, count(*) AS cases FROM cases
    WHERE state IN ('open', 'claimed') AND owner_id IS NOT NULL AND kind NOT IN ('hold_until', 'person_lock')
    GROUP BY owner_id
""")
_PLACES: Final = text("""
    SELECT o.id, o.platform, s.slug FROM orders o LEFT JOIN shops s ON s.id = o.shop_id WHERE o.id = ANY(:ids)
""")


@dataclass
class _Office:
    """Who works here now and what lies with them, read once; what is given meanwhile counts."""

    desk: Desk

    @cached_property
    def everybody(self) -> list[people.Person]:
        return people.staff(self.desk)

    @cached_property
    def roster(self) -> duty.Roster:
        return duty.roster(self.desk)

    @cached_property
    def loads(self) -> Counter[int]:
        return Counter({row.owner_id: row.cases for row in self.desk.session.execute(_LOADS)})

    @cached_property
    def skills(self) -> dict[int, frozenset[str]]:
        return skills.of_all(self.desk)

    def hands(self, role: Role, usual: int | None) -> list[Hand]:
        """Of those of the role, and whose order it is."""
        now = self.desk.now
        return [
            Hand(
                one.id, one.name, self.loads[one.id], self.skills.get(one.id, frozenset()),
                self.roster.on_shift(one.id, now),
            )
            for one in self.everybody
            if (role in one.roles or one.id == usual) and not one.away
        ]  # fmt: skip

    def lead(self, role: Role) -> people.Person | None:
        """The named lead, unless absent."""
        named = self.roster.leads.get(role)
        return next((one for one in self.everybody if one.id == named and not one.away), None)

    def last(self, role: Role, *, passed: bool, passed_by: int | None) -> people.Person | None:
        """Who has what nobody claims: the lead (the supervisors' where the role's own let it pass: `passed`), else a
        supervisor, else anybody of the role, and of all these those on shift before the others; the least laden of
        them. `passed_by`: who else let it pass; both have it only where there is nobody else who could end it. None
        while all are absent."""
        lead = self.lead(Role.SUPERVISOR if passed else role)
        let_pass = {passed_by, self.roster.leads.get(role) if passed else None}
        here = [one for one in self.everybody if not one.away]
        groups = [
            [lead] if lead else [],
            *([one for one in here if who in one.roles] for who in (Role.SUPERVISOR, role)),
        ]
        others = [[one for one in group if one.id not in let_pass] for group in groups]
        on_shift = [[one for one in group if self.roster.on_shift(one.id, self.desk.now)] for group in others]
        found = next((group for group in (*on_shift, *others, *groups) if group), here)
        return min(found, key=lambda one: (self.loads[one.id], one.id), default=None)


def give(desk: Desk, openings: Sequence[Opening]) -> list[Opening]:
    """The same openings, those that may be given with an owner and why; in the mode 抢单 whose order it is has it."""
    if not mode.is_auto(desk):
        return [_as_usual(one) for one in openings]
    many = Counter(one.kind for one in openings)
    most = tuned(desk).base.group_from
    office = _Office(desk)
    wanted = [one for one in openings if _may_be_given(one) and many[one.kind] < most]  # many at once are one matter
    places = _places(desk, [one.order_id for one in wanted if one.order_id is not None])
    given = {id(one): _given(office, one, places.get(one.order_id or 0)) for one in wanted}
    return [given.get(id(one), one) for one in openings]


def _as_usual(one: Opening) -> Opening:
    return replace(one, owner_id=one.usual_id) if one.owner_id is None and one.usual_id is not None else one


def _may_be_given(one: Opening) -> bool:
    return one.owner_id is None and one.kind not in _APART and bool(kind_of(one.kind, one.evidence).tells)


def _given(office: _Office, one: Opening, place: Row[Any] | None) -> Opening:
    desk = office.desk
    tags = [f"kind:{one.evidence.get('of', one.kind)}"]
    tags += [f"shop:{place.slug}", f"platform:{place.platform}"] if place is not None else []
    hands = office.hands(one.role, one.usual_id)
    found = choose(hands, tags, mode.cap(desk), usual=one.usual_id)
    if found.staff_id is None:
        return _pooled(office, one, found)
    office.loads[found.staff_id] += 1
    name = next(person.name for person in office.everybody if person.id == found.staff_id)
    good = f"、擅长{skills.named(desk, found.good)}" if found.good else ""
    kept = {"to": found.staff_id, "why": f"派给{name}：{found.why}{good}"}
    return replace(one, owner_id=found.staff_id, evidence={**one.evidence, GIVEN: kept})


def _pooled(office: _Office, one: Opening, found: Choice) -> Opening:
    lead = office.lead(one.role)
    looks = f"，组长{lead.name}照看" if lead else ""
    why = f"{found.why}，先放在{ROLE_TITLES[one.role]}待认领{looks}"
    kept = {"to": None, "lead": lead.id if lead else None, "why": why}
    return replace(one, evidence={**one.evidence, GIVEN: kept})


def _places(desk: Desk, order_ids: Iterable[int]) -> dict[int, Row[Any]]:
    ids = list(order_ids)
    return {row.id: row for row in desk.session.execute(_PLACES, {"ids": ids})} if ids else {}


def said(row: Row[Any], reason: str) -> list[tuple[str, str]]:
    """What the trail tells of a case that was opened: that it was, and to whom it went, if it did."""
    given = row.evidence.get(GIVEN)
    return [("异常", reason), *([("派单", str(given["why"]))] if given else [])]


def to_lead(row: Row[Any]) -> list[owe.Owed]:
    """A matter that nobody is free for, to the lead who looks after it."""
    lead = (row.evidence.get(GIVEN) or {}).get("lead")
    return [owe.card(row.id, "lead", staff_id=lead)] if lead is not None else []


def last_owners(desk: Desk, matters: Sequence[tuple[Role, bool, int | None]]) -> list[people.Person | None]:
    """For each of these matters that nobody claimed who has it now. `matters`: its role, whether that role's lead has
    let it pass already, and who had it without claiming it."""
    office = _Office(desk)
    found = []
    for role, passed, passed_by in matters:
        person = office.last(role, passed=passed, passed_by=passed_by)
        if person is not None:
            office.loads[person.id] += 1
        found.append(person)
    return found


def shown(row: Row[Any]) -> str:
    """派给小李：在班、手上 3 件、擅长退款; "" where it lies elsewhere by now."""
    given = row.evidence.get(GIVEN)
    if not given or row.owner_id != given["to"]:
        return ""
    return str(given["why"]) if row.state == "open" else ""
