"""Open orders as rows of a list, and what makes one stale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Row

from handlers.desk import Desk
from handlers.kinds import limits
from handlers.reports.view import Waiting
from handlers.tuning.tuned import tuned
from models.case import short_code
from models.stages import Stage

STALE: Final = """
    (o.hold = '' AND greatest(o.stage_entered_at, coalesce(o.not_before_at, o.stage_entered_at)) <= CASE o.stage
        WHEN 'pending_review' THEN cast(:pending_review AS timestamptz)
        WHEN 'pending_pick' THEN cast(:pending_pick AS timestamptz)
        ELSE cast(:pending_ship AS timestamptz) END)
"""
"""Of an open order o: over its stage's time, as rules/stale.py says."""

COLUMNS: Final = f"""
    o.id, o.tag, o.stage, o.stage_entered_at, o.ship_by_at, o.paid_fen, {STALE} AS stale,
    coalesce((SELECT name FROM shops s WHERE s.id = o.shop_id), o.platform) AS shop,
    coalesce((SELECT name FROM staff w WHERE w.id = o.owner_id), '') AS owner,
    ARRAY(SELECT c.id FROM cases c WHERE c.order_id = o.id AND c.state IN ('open', 'claimed') ORDER BY c.id) AS cases
"""


def cutoffs(desk: Desk) -> dict[str, Any]:
    """The parameters of STALE."""
    return {str(stage): desk.now - limit for stage, limit in limits(tuned(desk).stale).items()}


def rows(found: Iterable[Row[Any]]) -> tuple[Waiting, ...]:
    """Rows of COLUMNS."""
    return tuple(
        Waiting(
            row.tag, Stage(row.stage), row.stage_entered_at, row.ship_by_at, row.stale, row.paid_fen, row.shop,
            row.owner, tuple(short_code(number) for number in row.cases),
        ) for row in found
    )  # fmt: skip
