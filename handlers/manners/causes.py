"""Manner 3: many cases of one kind with one cause (a SKU, a courier, a shop's interface, a rule) within a window are
one matter. Each keeps its own case, which locks its order and is solved by itself; only the telling is the group's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.kinds import kind_of
from handlers.tuning.tuned import tuned
from models.couriers import courier_name
from rules.own import is_own

KIND: Final = "cause_group"

BY: Final = {
    "no_pickup": "courier",
    "parcel_stuck": "courier",
    "writeback_fail": "shop",
    "order_gone": "shop",
    "shipped_on_platform": "shop",
    "erp_conflict": "shop",
    "address_vague": "rule",
    "delay_request": "rule",
    "deadline_near": "rule",
}
"""What the cause of a kind's cases is. A kind that is not here has none that many orders share, but for the company's
own rules: of them each is one, called by its title."""

_OF: Final = """
    CASE cast(:by AS jsonb) ->> c.kind WHEN 'courier' THEN coalesce(o.courier, '') WHEN 'shop' THEN o.shop_id::text
        WHEN 'rule' THEN '' ELSE coalesce(c.evidence -> 'rule' ->> 'title', '') END
"""
_CAUSES: Final = text(f"SELECT DISTINCT c.kind, {_OF} AS cause FROM cases c JOIN orders o ON o.id = c.order_id "
                      "WHERE c.id = ANY(:ids)")  # fmt: skip
# The members to be: those of the window, and of a live group whatever is still told by itself and new.
_RECENT: Final = text(f"""
    SELECT c.kind, {_OF} AS cause, count(*) AS cases, min(c.role) AS role,
        min(c.evidence -> 'rule' ->> 'severity') AS severity,
        array_agg(c.id) FILTER (WHERE c.state = 'open' AND NOT c.evidence ? 'group') AS single
    FROM cases c JOIN orders o ON o.id = c.order_id
    WHERE c.kind = ANY(:kinds) AND c.state IN ('open', 'claimed') AND c.order_id IS NOT NULL AND c.opened_at > :since
    GROUP BY 1, 2
""")
_LIVE: Final = text("""
    SELECT group_key FROM cases
    WHERE kind = 'cause_group' AND order_id IS NULL AND state IN ('open', 'claimed') AND group_key = ANY(:keys)
""")
# The group goes up the ladder for them; one that is put off comes by itself then, and one whose deadline is near. One
# that somebody has in hand at this moment goes on by itself.
_JOIN: Final = text("""
    UPDATE cases c SET evidence = c.evidence || jsonb_build_object('group', x.key),
        due_at = CASE WHEN c.evidence ->> 'snoozed_until' IS NOT NULL AND c.due_at > :now THEN c.due_at
            ELSE x.ship_by_at - interval '1 hour' END
    FROM (SELECT m.id, x.key, o.ship_by_at FROM cases m JOIN orders o ON o.id = m.order_id
        JOIN unnest(cast(:ids AS bigint[]), cast(:keys AS text[])) AS x(id, key) ON x.id = m.id
        WHERE m.state = 'open' ORDER BY m.id FOR NO KEY UPDATE OF m SKIP LOCKED) AS x
    WHERE c.id = x.id
""")


@dataclass(frozen=True, slots=True)
class Cause:
    """`of`: the kind; `cause`: what they have in common; `cases`: how many; `role`: whose they are; `severity`: of the
    company's own rule that found them."""

    of: str
    cause: str
    cases: int
    role: str = ""
    severity: str | None = None

    @property
    def key(self) -> str:
        return f"{self.of}:{self.cause}"

    @property
    def reason(self) -> str:
        return reason(self.key, self.cases)

    @property
    def evidence(self) -> dict[str, Any]:
        rule = {"rule": {"severity": self.severity}} if self.severity else {}
        return {"of": self.of, "count": self.cases, "told": self.cases, **title_in(self.key)} | rule


@dataclass(frozen=True, slots=True)
class Folded:
    """`ids`: cases of which a group's card tells; `new`: groups that are to be opened."""

    ids: frozenset[int] = frozenset()
    new: tuple[Cause, ...] = ()


NOTHING: Final = Folded()


def fold(desk: Desk, opened: Sequence[Row[Any]]) -> Folded:
    """Which of the cases that were opened just now (id, kind) are told by a group."""
    mine = [row.id for row in opened if (row.kind in BY or is_own(row.kind)) and row.order_id is not None]
    if not mine:
        return NOTHING
    by = json.dumps(BY)
    mentioned = {(row.kind, row.cause) for row in desk.session.execute(_CAUSES, {"by": by, "ids": mine})}
    recent = _recent(desk, by, mentioned)
    limits = tuned(desk)
    keys = [f"{kind}:{cause}" for kind, cause in mentioned]
    live = set(desk.session.execute(_LIVE, {"keys": keys}).scalars())
    found = [(Cause(row.kind, row.cause, row.cases, row.role, row.severity), row.single or []) for row in recent]
    grouped = [(one, ids) for one, ids in found if one.key in live or one.cases >= limits.stale.group_from]
    joining = {case_id: one.key for one, ids in grouped for case_id in ids}
    if joining:
        values = {"ids": list(joining), "keys": list(joining.values()), "now": desk.now}
        desk.session.execute(_JOIN, values)
    return Folded(frozenset(joining), tuple(one for one, _ in grouped if one.key not in live))


def _recent(desk: Desk, by: str, mentioned: set[tuple[str, str]]) -> list[Row[Any]]:
    since: datetime = desk.now - timedelta(minutes=tuned(desk).window_minutes)
    values = {"by": by, "kinds": sorted({kind for kind, _ in mentioned}), "since": since}
    return [row for row in desk.session.execute(_RECENT, values) if (row.kind, row.cause) in mentioned]


def kind_in(key: str) -> str:
    return key.partition(":")[0]


def title_in(key: str) -> dict[str, str]:
    """What title_of needs to name a group of cases of a rule of the company's own."""
    kind, _, cause = key.partition(":")
    return {"title": cause} if is_own(kind) else {}


def reason(key: str, count: int) -> str:
    """12 单缺货（QH-CUP-RED）, as a card says it."""
    kind, _, cause = key.partition(":")
    if is_own(kind):
        return f"{count} 单{cause}"
    named = courier_name(cause) if BY.get(kind) == "courier" and cause else "" if kind in BY else cause
    return f"{count} 单{kind_of(kind).title}" + (f"（{named}）" if named else "")
