"""Cases opened, changed and closed by the hub itself, in bulk; step 0 of the escalation is owed at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people, trail
from handlers.assigning import giving
from handlers.desk import SYSTEM, Actor, Desk
from handlers.duty import duty
from handlers.kinds import LEAD, kind_of, steps_of, title_of, usual_minutes
from handlers.manners import causes
from handlers.matter import Opening, Told
from handlers.tuning.tuned import tuned
from models import Role

_OPEN: Final = text("""
    INSERT INTO cases (kind, order_id, shop_id, group_key, role, owner_id, reason, evidence, blocks, opened_at, steps,
        step, due_at)
    SELECT kind, order_id, shop_id, group_key, role, owner_id, reason, evidence, blocks, :now, steps, 1, due_at
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(kind text, order_id bigint, shop_id int, group_key text,
        role text, owner_id int, reason text, evidence jsonb, blocks bool, steps jsonb, due_at timestamptz)
    ON CONFLICT DO NOTHING RETURNING id, kind, order_id, group_key, role, owner_id, steps,
        evidence
""")  # the partial unique indexes let a kind be open once per order and once per cause

_CLOSE: Final = text("""
    UPDATE cases c SET state = 'solved', solved_at = :now, solution = x.solution, due_at = NULL,
        claimed_until = NULL, revision = c.revision + 1
    FROM unnest(cast(:ids AS bigint[]), cast(:solutions AS text[])) AS x(id, solution)
    WHERE c.id = x.id AND c.state IN ('open', 'claimed') RETURNING c.id, c.kind, c.order_id, c.owner_id, c.revision,
        c.evidence
""")

# `renewed`: the first revision that shows this finding (handlers/seen.py); counts of many orders change all the time.
_CHANGE: Final = text("""
    UPDATE cases c SET reason = x.reason, revision = c.revision + 1,
        evidence = c.evidence || x.evidence || CASE WHEN c.order_id IS NULL OR c.reason = x.reason THEN '{}'
            ELSE jsonb_build_object('renewed', c.revision + 1, 'was', c.reason) END
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, reason text, evidence jsonb)
    WHERE c.id = x.id AND c.state IN ('open', 'claimed') RETURNING c.id, c.revision
""")


def open_many(desk: Desk, openings: Sequence[Opening], *, by: Actor | None = None) -> list[Row[Any]]:
    """Open cases and owe their first step; those that were open already are left alone and not returned."""
    if not openings:
        return []
    rows = json.dumps([_as_row(desk, one) for one in giving.give(desk, openings)], ensure_ascii=False)
    opened = list(desk.session.execute(_OPEN, {"rows": rows, "now": desk.now}))
    many = causes.fold(desk, opened)
    told = [
        Told(row.id, Role(row.role), row.owner_id, row.steps[0]["tell"], "open")
        for row in opened if row.id not in many.ids
    ]  # fmt: skip
    owe.owe(desk, cards(desk, told), by=by)
    owe.owe(desk, [card for row in opened for card in giving.to_lead(row)], by=by)
    _open_groups(desk, many.new)
    return opened


def _open_groups(desk: Desk, found: Sequence[causes.Cause]) -> None:
    """One matter for each of these causes; its card tells of all its cases."""
    made = [
        Opening(causes.KIND, one.reason, Role(one.role), group_key=one.key, evidence=one.evidence)
        for one in found
    ]  # fmt: skip
    reasons = {one.key: one.reason for one in found}
    for row in open_many(desk, made):
        detail = {title_of(row.kind, _named(row.group_key)): reasons[row.group_key]}
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail=detail)


def _named(key: str) -> dict[str, str]:
    return {"of": causes.kind_in(key), **causes.title_in(key)}


def _as_row(desk: Desk, one: Opening) -> dict[str, Any]:
    limits = tuned(desk)
    usual = steps_of(one.kind, limits.stale, limits.minutes(one.kind, usual_minutes(one.kind, one.evidence)))
    steps = [dict(step) for step in one.steps] if one.steps is not None else usual
    # Where there is no other step somebody is given it when nobody claims it (handlers/due.py); but for what another
    # matter tells, of which nobody hears by itself.
    told = any(step["tell"] for step in steps)
    due_at = step_due(steps, 1, desk.now) or (desk.now + timedelta(minutes=steps_end(desk, one)) if told else None)
    return {
        "kind": one.kind, "order_id": one.order_id, "shop_id": one.shop_id, "group_key": one.group_key,
        "role": str(one.role), "owner_id": one.owner_id, "reason": one.reason, "evidence": dict(one.evidence),
        "blocks": kind_of(one.kind, one.evidence).blocks, "steps": steps,
        "due_at": due_at.isoformat() if due_at else None,
    }  # fmt: skip


def steps_end(desk: Desk, one: Opening) -> int:
    """In how many minutes somebody must have claimed it."""
    return tuned(desk).minutes(one.kind, usual_minutes(one.kind, one.evidence))[0]


def step_due(steps: Sequence[Mapping[str, Any]], step: int, opened_at: datetime) -> datetime | None:
    """When `step` is due for a case opened then; None after the last."""
    return opened_at + timedelta(minutes=steps[step]["after"]) if step < len(steps) else None


def close_many(desk: Desk, closings: Sequence[tuple[int, str]]) -> list[Row[Any]]:
    """Solve cases by the system, each with why; their sent cards are owed an edit."""
    if not closings:
        return []
    columns = {"ids": [case_id for case_id, _ in closings], "solutions": [why for _, why in closings]}
    closed = list(desk.session.execute(_CLOSE, {**columns, "now": desk.now}))
    owe.owe(desk, [owe.edit(row.id, row.revision) for row in closed])
    return closed


def change_many(desk: Desk, changes: Sequence[tuple[int, str, Mapping[str, Any]]]) -> None:
    """Give live cases another reason and more evidence."""
    if not changes:
        return
    rows = [{"id": case_id, "reason": reason, "evidence": dict(more)} for case_id, reason, more in changes]
    changed = desk.session.execute(_CHANGE, {"rows": json.dumps(rows, ensure_ascii=False)})
    owe.owe(desk, [owe.edit(row.id, row.revision) for row in changed])


def cards(desk: Desk, told: Sequence[Told]) -> list[owe.Owed]:
    """The owed cards of these steps, each person once per case."""
    everybody = people.staff(desk) if any(set(one.targets) - {"group"} for one in told) else []
    away = {person.id for person in everybody if person.away}
    by_role = any(_asks_the_roster(one.targets) or one.owner_id in away for one in told)
    told_of = _ByRole(everybody, duty.roster(desk) if by_role else duty.Roster(), desk.now)
    return [card for one in told for card in _cards(one, told_of)]


def _asks_the_roster(targets: Sequence[str]) -> bool:
    return any(target in ("role", "lead") or target.startswith(LEAD) for target in targets)


@dataclass(frozen=True, slots=True)
class _ByRole:
    """Who of a role is told at this moment: never the absent."""

    everybody: Sequence[people.Person]
    roster: duty.Roster
    now: datetime

    def of(self, role: Role) -> list[int]:
        return [person.id for person in self.roster.told_of(self.everybody, role, self.now)]

    def supervisors(self) -> list[int]:
        return [person.id for person in people.with_role(self.everybody, Role.SUPERVISOR)]

    def lead(self, role: Role) -> list[int]:
        return self.roster.lead_or_on_duty(self.everybody, role, self.now)

    def owner(self, one: Told) -> list[int]:
        """The owner, and for one who is absent the role."""
        away = any(person.away for person in self.everybody if person.id == one.owner_id)
        return self.of(one.role) if away else [one.owner_id] if one.owner_id is not None else []


def _cards(one: Told, told_of: _ByRole) -> list[owe.Owed]:
    found = [owe.card(one.case_id, one.occasion)] if "group" in one.targets else []
    persons = told_of.owner(one) if "owner" in one.targets else []
    persons += told_of.of(one.role) if "role" in one.targets else []
    persons += told_of.lead(one.role) if "lead" in one.targets else []
    for target in one.targets:
        persons += told_of.lead(Role(target.removeprefix(LEAD))) if target.startswith(LEAD) else []
    persons += told_of.supervisors() if "supervisor" in one.targets else []
    return found + [owe.card(one.case_id, one.occasion, staff_id=person) for person in dict.fromkeys(persons)]
