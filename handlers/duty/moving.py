"""What lies with one person goes to another, to the pool, or back: cases and orders, many at once, each with its trail
row. The orders are locked first, then their cases, as everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, TextClause, text

from handlers import owe, trail
from handlers.caselife import patience
from handlers.desk import Actor, Desk
from handlers.kinds import title_of
from handlers.people import Person
from models import Role
from models.case_life import waits
from models.stages import OPEN

POOL: Final = "待认领"

_MINE: Final = text("""
    SELECT array(SELECT id FROM cases WHERE owner_id = :id AND state IN ('open', 'claimed')) AS cases,
        array(SELECT id FROM orders WHERE owner_id = :id AND stage = ANY(:open)) AS orders
""")
_ORDERS: Final = text("""
    SELECT id, shop_id, external_id, tag, stage, owner_id, revision, trail_hash FROM orders
    WHERE id = ANY(:orders) OR id IN (SELECT order_id FROM cases WHERE id = ANY(:cases)) ORDER BY id FOR NO KEY UPDATE
""")
_CASES: Final = text("""
    SELECT id, kind, order_id, role, owner_id, state, revision, evidence, claimed_until, wake_at, due_at, steps
    FROM cases WHERE id = ANY(:cases) AND state IN ('open', 'claimed') ORDER BY id FOR NO KEY UPDATE
""")
_CHANGE_CASES: Final = text("""
    UPDATE cases c SET owner_id = x.owner_id, state = x.state, claimed_until = x.claimed_until, due_at = x.due_at,
        revision = c.revision + 1
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, owner_id int, state text, claimed_until timestamptz,
        due_at timestamptz)
    WHERE c.id = x.id RETURNING c.id, c.revision
""")
_CHANGE_ORDERS: Final = text("""
    UPDATE orders o SET owner_id = x.owner_id, revision = o.revision + 1
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, owner_id int)
    WHERE o.id = x.id RETURNING o.id, o.revision
""")
_HEADS: Final = text("""
    UPDATE orders o SET trail_hash = x.hash
    FROM unnest(cast(:ids AS bigint[]), cast(:hashes AS bytea[])) AS x(id, hash) WHERE o.id = x.id
""")


@dataclass(frozen=True, slots=True)
class Lying:
    """Locked: live cases (`cases`), open orders (`orders`), and the orders that either belong to (`locked`)."""

    cases: tuple[Row[Any], ...]
    orders: tuple[Row[Any], ...]
    locked: Mapping[int, Row[Any]]

    @property
    def subjects(self) -> list[str]:
        return [*(f"case:{one.id}" for one in self.cases), *(f"order:{one.id}" for one in self.orders)]


@dataclass(frozen=True, slots=True)
class Change:
    """What a case or an order becomes; `words` for its trail: "小李 → 老王"."""

    row: Row[Any]
    owner_id: int | None
    words: str
    state: str = "open"
    claimed_until: datetime | None = None
    due_at: datetime | None = None

    @property
    def of_case(self) -> bool:
        return hasattr(self.row, "kind")

    @property
    def subject(self) -> str:
        return f"{'case' if self.of_case else 'order'}:{self.row.id}"


@dataclass(frozen=True, slots=True)
class Moved:
    """What was changed, as `absences.moved` keeps it: `revision` is the one that the change left."""

    subject: str
    revision: int
    before: Row[Any]

    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = {"subject": self.subject, "revision": self.revision}
        if self.subject.startswith("case:"):
            until = self.before.claimed_until
            found |= {"state": self.before.state, "claimed_until": until.isoformat() if until else None}
        return found


def lying_with(desk: Desk, staff_id: int) -> Lying:
    """All that lies with somebody now."""
    mine = desk.session.execute(_MINE, {"id": staff_id, "open": [str(stage) for stage in OPEN]}).one()
    found = these(desk, [*(f"case:{one}" for one in mine.cases), *(f"order:{one}" for one in mine.orders)])
    return Lying(
        tuple(case for case in found.cases if case.owner_id == staff_id),
        tuple(order for order in found.orders if order.owner_id == staff_id),
        found.locked,
    )


def these(desk: Desk, subjects: Sequence[str]) -> Lying:
    """What is left of these subjects: live cases and open orders, whoever has them."""
    ids: dict[str, list[int]] = {"case": [], "order": []}
    for subject in subjects:
        kind, _, number = subject.partition(":")
        ids[kind].append(int(number))
    locked = {row.id: row for row in desk.session.execute(_ORDERS, {"orders": ids["order"], "cases": ids["case"]})}
    cases = list(desk.session.execute(_CASES, {"cases": ids["case"]}))
    orders = [locked[one] for one in sorted(set(ids["order"])) if one in locked and locked[one].stage in OPEN]
    known = (case for case in cases if case.order_id is None or case.order_id in locked)
    return Lying(tuple(known), tuple(orders), locked)


def fits(case: Row[Any], person: Person) -> bool:
    """Whether a case is a matter for that person's roles."""
    return bool(person.roles & {Role(case.role), Role.SUPERVISOR})


def to_pool(desk: Desk, lying: Lying, name: str) -> list[Change]:
    """All of it is nobody's again, `name`'s no more."""
    words = f"{name} → {POOL}"
    cases = [assigned(desk, case, None, words) for case in lying.cases]
    return [*cases, *(Change(order, None, words) for order in lying.orders)]


def assigned(desk: Desk, case: Row[Any], owner_id: int | None, words: str) -> Change:
    """To somebody who has not said yes yet, or to the pool: it goes up if nobody claims it in its time. One that was
    put off stays so."""
    due_at = desk.now + patience.to_claim(desk, case)
    snoozed = case.due_at is not None and case.due_at.isoformat() == case.evidence.get("snoozed_until")
    return Change(case, owner_id, words, due_at=max(due_at, case.due_at) if snoozed else due_at)


def claimed(desk: Desk, case: Row[Any], owner_id: int, words: str) -> Change:
    """To somebody who said yes: with a promise of their own; what waits waits on."""
    if waits(case):
        return Change(case, owner_id, words, "claimed", case.claimed_until, case.claimed_until)
    until = desk.now + patience.to_solve(desk, case)
    if case.claimed_until is not None:
        until = max(until, case.claimed_until)
    return Change(case, owner_id, words, "claimed", until, until)


def apply(desk: Desk, lying: Lying, changes: Sequence[Change], actor: Actor, *, action: str) -> list[Moved]:
    """Write these changes of what `lying` holds locked: rows, trails, and edits of the cards."""
    cases = [change for change in changes if change.of_case]
    orders = [change for change in changes if not change.of_case]
    order_rows = [{"id": one.row.id, "owner_id": one.owner_id} for one in orders]
    moved = [
        *_moved(cases, _written(desk, _CHANGE_CASES, [_case_row(one) for one in cases])),
        *_moved(orders, _written(desk, _CHANGE_ORDERS, order_rows)),
    ]
    _write_trail(desk, lying, [*cases, *orders], (actor, action))
    owe.owe(desk, [owe.edit(one.before.id, one.revision) for one in moved if one.subject.startswith("case:")])
    owe.order_edits(desk, [one.row.id for one in orders])
    return moved


def _case_row(change: Change) -> dict[str, Any]:
    return {
        "id": change.row.id, "owner_id": change.owner_id, "state": change.state,
        "claimed_until": change.claimed_until.isoformat() if change.claimed_until else None,
        "due_at": change.due_at.isoformat() if change.due_at else None,
    }  # fmt: skip


def _written(desk: Desk, statement: TextClause, rows: list[dict[str, Any]]) -> dict[int, int]:
    """Id → the revision that the change left."""
    found = desk.session.execute(statement, {"rows": json.dumps(rows)}) if rows else ()
    return {row.id: row.revision for row in found}


def _moved(changes: Sequence[Change], revisions: Mapping[int, int]) -> list[Moved]:
    changed = (change for change in changes if change.row.id in revisions)
    return [Moved(one.subject, revisions[one.row.id], one.row) for one in changed]


def _write_trail(desk: Desk, lying: Lying, changes: Sequence[Change], told: tuple[Actor, str]) -> None:
    """`told`: who did it, and what it is called."""
    actor, action = told
    heads = {order_id: bytes(order.trail_hash) for order_id, order in lying.locked.items()}
    rows, extended = [], set()
    for change in changes:
        detail = {title_of(change.row.kind, change.row.evidence) if change.of_case else "负责人": change.words}
        order_id = change.row.order_id if change.of_case else change.row.id
        if order_id is None:
            trail.write(desk, f"case:{change.row.id}", actor, action=action, detail=detail)
            continue
        order = lying.locked[order_id]
        subject = trail.order_subject(order.shop_id, order.external_id)
        made = trail.row(desk, subject, heads[order_id], actor=actor, action=action, detail=detail)
        heads[order_id] = made.hash
        extended.add(order_id)
        rows.append(made)
    trail.insert(desk, rows)
    if extended:
        ids = sorted(extended)
        desk.session.execute(_HEADS, {"ids": ids, "hashes": [heads[order_id] for order_id in ids]})
