"""What lies with a person: their cases, those of their roles that nobody has, and the orders of their stages."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers import listing, mask
from handlers.desk import Actor, Desk
from handlers.kinds import title_of
from handlers.permissions import role_titles
from handlers.views import CaseRow, MineView
from models.case import short_code
from rules.stale import OWNERS

_CASES: Final = text("""
    SELECT c.id, c.kind, c.reason, c.evidence, c.opened_at, coalesce(o.tag, '') AS tag, coalesce(w.name, '') AS owner,
        count(*) OVER () AS total
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id LEFT JOIN staff w ON w.id = c.owner_id
    WHERE c.state IN ('open', 'claimed') AND (c.owner_id = :me OR (c.owner_id IS NULL AND c.role = ANY(:roles)))
    ORDER BY (c.owner_id = :me) DESC NULLS LAST, c.opened_at LIMIT :n
""")

_ORDERS: Final = text("""
    SELECT id, count(*) OVER () AS total FROM orders
    WHERE stage IN ('pending_review', 'pending_pick', 'pending_ship')
        AND (owner_id = :me OR (owner_id IS NULL AND stage = ANY(:stages)))
    ORDER BY (owner_id = :me) DESC NULLS LAST, stage_entered_at LIMIT :n
""")


def mine(desk: Desk, actor: Actor) -> MineView:
    """`我的`."""
    stages = [str(stage) for stage, role in OWNERS.items() if role in actor.roles]
    who = {"me": actor.staff_id, "n": listing.SHOWN}
    cases = desk.session.execute(_CASES, {**who, "roles": [str(role) for role in actor.roles]}).all()
    orders = desk.session.execute(_ORDERS, {**who, "stages": stages}).all()
    return MineView(
        name=actor.name,
        roles=role_titles(actor.roles),
        cases=tuple(_case(row) for row in cases),
        case_total=cases[0].total if cases else 0,
        orders=listing.rows(desk, [row.id for row in orders]),
        order_total=orders[0].total if orders else 0,
        at=desk.now,
    )


def _case(row: Row[Any]) -> CaseRow:
    title = title_of(row.kind, row.evidence)
    return CaseRow(short_code(row.id), title, row.tag, mask.phones(row.reason), row.opened_at, row.owner)
