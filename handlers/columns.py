"""The board's columns: the open orders of each stage, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from handlers import listing
from handlers.desk import Desk
from handlers.views import OrderRow
from models.stages import OPEN, Stage

SHOWN: Final = 50

# ix_orders_open answers both: its first entries of a stage, and how many there are.
_OLDEST: Final = text("SELECT id FROM orders WHERE stage = :stage ORDER BY stage_entered_at LIMIT :limit")
_TOTAL: Final = text("SELECT count(*) FROM orders WHERE stage = :stage")


@dataclass(frozen=True, slots=True)
class Column:
    """`rows` are the oldest of `total`."""

    stage: Stage
    rows: tuple[OrderRow, ...]
    total: int


def columns(desk: Desk, shown: Mapping[Stage, int] | None = None) -> tuple[Column, ...]:
    """One column per open stage, of SHOWN orders or as many as `shown` says."""
    return tuple(_column(desk, stage, (shown or {}).get(stage, SHOWN)) for stage in OPEN)


def _column(desk: Desk, stage: Stage, most: int) -> Column:
    oldest = desk.session.execute(_OLDEST, {"stage": str(stage), "limit": most})
    rows = listing.rows(desk, [row.id for row in oldest])
    return Column(stage, rows, desk.session.execute(_TOTAL, {"stage": str(stage)}).scalar_one())
