"""What lies with a person: first the cases and orders that they have, then what nobody of their roles has taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import listing, mask
from handlers.desk import Actor, Desk
from handlers.kinds import OTHERS, kind_of, title_of
from handlers.permissions import role_titles
from handlers.shortage.counted import ONCE
from handlers.views import CaseRow, MineView
from models.case import short_code
from rules import RULES
from rules.stale import OWNERS

FREE: Final = 5
"""So many of those that nobody has are named, the most urgent ones."""

# Mine by age, as before; what is free by how urgent it is.
_CASES: Final = text(f"""
    SELECT * FROM (
        SELECT c.id, c.kind, c.reason, c.evidence, c.opened_at, coalesce(o.tag, '') AS tag,
            c.owner_id IS NOT NULL AS mine,
            count(*) OVER (PARTITION BY c.owner_id) AS total,
            row_number() OVER (PARTITION BY c.owner_id ORDER BY
                c.owner_id IS NULL AND (c.kind = ANY(:urgent) OR c.evidence -> 'rule' ->> 'severity' = 'P1') DESC,
                CASE WHEN c.owner_id IS NULL THEN least(o.ship_by_at, c.due_at) END, c.opened_at, c.id) AS place
        FROM cases c LEFT JOIN orders o ON o.id = c.order_id
        WHERE c.state IN ('open', 'claimed')
            AND (c.owner_id = :me OR (c.owner_id IS NULL AND c.role = ANY(:roles) AND {ONCE}))
    ) found WHERE place <= CASE WHEN mine THEN :n ELSE :free END ORDER BY mine DESC, place
""")
_ORDERS: Final = text("""
    SELECT * FROM (
        SELECT id, owner_id IS NOT NULL AS mine, count(*) OVER (PARTITION BY owner_id) AS total,
            row_number() OVER (PARTITION BY owner_id ORDER BY
                CASE WHEN owner_id IS NULL THEN ship_by_at END, stage_entered_at, id) AS place
        FROM orders WHERE stage IN ('pending_review', 'pending_pick', 'pending_ship')
            AND (owner_id = :me OR (owner_id IS NULL AND stage = ANY(:stages)))
    ) found WHERE place <= CASE WHEN mine THEN :n ELSE :free END ORDER BY mine DESC, place
""")
_URGENT: Final = [slug for slug in (*RULES, *OTHERS) if kind_of(slug).severity == "P1"]


def mine(desk: Desk, actor: Actor) -> MineView:
    """`我的`."""
    stages = [str(stage) for stage, role in OWNERS.items() if role in actor.roles]
    who = {"me": actor.staff_id, "n": listing.SHOWN, "free": FREE}
    roles = [str(role) for role in actor.roles]
    cases = desk.session.execute(_CASES, {**who, "roles": roles, "urgent": _URGENT}).all()
    orders = desk.session.execute(_ORDERS, {**who, "stages": stages}).all()
    shown = {row.order_id: row for row in listing.rows(desk, [row.id for row in orders])}
    return MineView(
        name=actor.name,
        roles=role_titles(actor.roles),
        cases=tuple(_case(row, actor.name) for row in cases if row.mine),
        case_total=_total(cases, mine=True),
        orders=tuple(shown[row.id] for row in orders if row.mine),
        order_total=_total(orders, mine=True),
        at=desk.now,
        free_cases=tuple(_case(row, "") for row in cases if not row.mine),
        free_case_total=_total(cases, mine=False),
        free_orders=tuple(shown[row.id] for row in orders if not row.mine),
        free_order_total=_total(orders, mine=False),
    )


def _total(rows: Sequence[Row[Any]], *, mine: bool) -> int:
    return next((row.total for row in rows if row.mine is mine), 0)


def _case(row: Row[Any], owner: str) -> CaseRow:
    title = title_of(row.kind, row.evidence)
    return CaseRow(short_code(row.id), title, row.tag, mask.phones(row.reason), row.opened_at, owner)
