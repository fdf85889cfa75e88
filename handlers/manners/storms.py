"""The group matters of handlers/manners/causes.py as time goes by: how many cases each has, which, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import groups, mask
from handlers.desk import Desk
from handlers.kinds import title_of
from handlers.manners import causes
from handlers.wording import moment
from models.case import short_code
from models.stages import Stage

_LONGEST: Final = 40

_LIVE: Final = text("""
    SELECT g.id, g.group_key, g.evidence, g.revision,
        (SELECT count(*) FROM cases c WHERE c.kind = g.evidence ->> 'of' AND c.order_id IS NOT NULL
            AND c.state IN ('open', 'claimed') AND c.evidence ->> 'group' = g.group_key) AS cases
    FROM cases g WHERE g.kind = 'cause_group' AND g.order_id IS NULL AND g.state IN ('open', 'claimed')
""")
_OF: Final = """
    FROM cases c JOIN orders o ON o.id = c.order_id
    WHERE c.kind = :kind AND c.state IN ('open', 'claimed') AND c.evidence ->> 'group' = :key
"""
_SUM: Final = text(f"""
    SELECT count(*) AS orders, coalesce(sum(o.paid_fen), 0) AS fen, min(o.ship_by_at)
        FILTER (WHERE o.stage IN ('pending_review', 'pending_pick', 'pending_ship')) AS ship_by_at {_OF}
""")
_MEMBERS: Final = text(f"""
    SELECT c.id, o.tag, c.reason, c.state, c.due_at, c.evidence ->> 'snoozed_until' AS snoozed_until,
        c.evidence ->> 'snoozed_by' AS snoozed_by,
        coalesce((SELECT name FROM staff s WHERE s.id = c.owner_id), '') AS owner
    {_OF} ORDER BY o.ship_by_at NULLS LAST, c.id LIMIT :n
""")


@dataclass(frozen=True, slots=True)
class Members:
    """Of a group matter. `ship_by_at`: the nearest deadline among them; `lines`: the first of them."""

    orders: int
    fen: int
    ship_by_at: datetime | None
    lines: tuple[str, ...]


def members(desk: Desk, key: str, limit: int) -> Members:
    values = {"kind": causes.kind_in(key), "key": key}
    found = desk.session.execute(_SUM, values).one()
    rows = desk.session.execute(_MEMBERS, {**values, "n": limit})
    return Members(found.orders, int(found.fen), found.ship_by_at, tuple(_line(row, desk.now) for row in rows))


def nearest(desk: Desk, case: Row[Any]) -> datetime | None:
    """The platforms' nearest deadline among the orders of a group matter, None where there is none: a group cannot be
    put off beyond it (manner 7)."""
    if case.kind == causes.KIND:
        return members(desk, case.group_key, 0).ship_by_at
    if case.kind == "shortage":
        by = case.evidence.get("ship_by_at")
        return datetime.fromisoformat(by) if by else None
    return groups.nearest(desk, Stage(case.group_key)) if case.kind == groups.KIND else None


def refresh(desk: Desk) -> None:
    """Count again; an empty group ends, one that grew a lot is told again."""
    for row in list(desk.session.execute(_LIVE)):
        if row.cases == 0:
            groups.end(desk, row, title_of(causes.KIND, row.evidence))
        elif row.cases != row.evidence.get("count"):
            groups.recount(desk, row, row.cases, causes.reason(row.group_key, row.cases))


def _line(row: Row[Any], now: datetime) -> str:
    """`A7F2` TB-…-001 缺货 2 件，小李已延后到 12-22 14:00: each is claimed, put off and solved by its own code."""
    said = " ".join(mask.phones(row.reason).split())
    short = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    put_off = row.due_at is not None and row.due_at > now and row.due_at.isoformat() == row.snoozed_until
    state = f"，{row.snoozed_by}已延后到 {moment(row.due_at)}" if put_off else ""
    taken = f"，{row.owner}处理中" if row.state == "claimed" and not put_off else ""
    return f"{short_code(row.id)} {row.tag} {short}{state}{taken}"
