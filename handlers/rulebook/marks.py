"""Tags that rules set on orders: as conditions see them, and as they are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk

MARK: Final = "标记"
_OF: Final = text("""
    SELECT DISTINCT order_id, tag FROM rule_acts
    WHERE order_id = ANY(:ids) AND tag IS NOT NULL AND undone_at IS NULL
""")
# An arm of the one statement that shows an order `o`; a look into a primary key.
MARKS: Final = """
    (SELECT coalesce(jsonb_agg(DISTINCT a.tag), '[]') FROM rule_acts a
        WHERE a.order_id = o.id AND a.tag IS NOT NULL AND a.undone_at IS NULL) AS marks
"""


def of(desk: Desk, ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Order → its tags."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in desk.session.execute(_OF, {"ids": list(ids)}):
        found[row.order_id].add(row.tag)
    return {order_id: frozenset(tags) for order_id, tags in found.items()}


def shown(marks: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What MARKS gave as people read it."""
    return ((MARK, "、".join(sorted(marks))),) if marks else ()
