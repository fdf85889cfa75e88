"""The board's columns: the open orders of each stage, oldest first."""

from __future__ import annotations

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


def columns(desk: Desk) -> tuple[Column, ...]:
    """One column per open stage."""
    return tuple(_column(desk, stage) for stage in OPEN)


def _column(desk: Desk, stage: Stage) -> Column:
    oldest = desk.session.execute(_OLDEST, {"stage": str(stage), "limit": SHOWN})
    rows = listing.rows(desk, [row.id for row in oldest])
    return Column(stage, rows, desk.session.execute(_TOTAL, {"stage": str(stage)}).scalar_one())
