"""Manner 3 at the deadline: where many of one cause come near it together, their group's card tells of them, once in a
window; each by itself would be a message for every order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.tuning.tuned import tuned
from handlers.urgency import NEAR

OCCASION: Final = "near"

# Of those who are not in somebody's hands; the ones that were told a moment ago count as well.
_GROUPS: Final = text("""
    SELECT g.id, g.group_key, g.role, g.owner_id FROM cases g
    WHERE g.kind = 'cause_group' AND g.order_id IS NULL AND g.state IN ('open', 'claimed') AND g.group_key = ANY(:keys)
        AND :enough <= (SELECT count(*) FROM cases c JOIN orders o ON o.id = c.order_id
            WHERE c.kind = g.evidence ->> 'of' AND c.state = 'open' AND c.evidence ->> 'group' = g.group_key
                AND o.ship_by_at <= :near)
""")


class Step(Protocol):
    """Who hears of the next step of a case."""

    @property
    def targets(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Storm:
    """A group matter (id, role, owner_id) that tells of these cases, and to whom."""

    group: Row[Any]
    cases: frozenset[int]
    targets: tuple[str, ...]
    occasion: str


def storms(desk: Desk, stepped: Sequence[tuple[Row[Any], Step]]) -> list[Storm]:
    """Of cases (id, evidence, ship_by_at) that go up the ladder just now those of which a group tells."""
    near = desk.now + NEAR
    found: dict[str, dict[int, Step]] = defaultdict(dict)
    for case, step in stepped:
        if case.evidence.get("group") and case.ship_by_at is not None and case.ship_by_at <= near:
            found[case.evidence["group"]][case.id] = step
    if not found:
        return []
    limits = tuned(desk)
    occasion = f"{OCCASION}{int(desk.now.timestamp()) // (limits.window_minutes * 60)}"
    values = {"keys": list(found), "near": near, "enough": limits.stale.group_from}
    return [
        Storm(group, frozenset(found[group.group_key]), _targets(found[group.group_key].values()), occasion)
        for group in desk.session.execute(_GROUPS, values)
    ]


def _targets(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(target for step in steps for target in step.targets))
