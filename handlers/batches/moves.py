"""Many orders moved from one stage to another at once: as handlers/stages.py moves one, by as few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, trail
from handlers.batches import orders
from handlers.desk import Actor, Desk
from handlers.stages import recheck_at
from models.stages import TITLES, Stage

_MOVE: Final = text("""
    UPDATE orders o SET stage = x.stage, stage_entered_at = x.entered_at,
        recheck_at = least(x.recheck_at, (SELECT cast(:now AS timestamptz) FROM rules WHERE by_stage LIMIT 1)),
        waybill = x.waybill, courier = x.courier, shipped_at = x.shipped_at, trail_hash = decode(x.head, 'hex'),
        revision = o.revision + 1
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, stage text, entered_at timestamptz,
        recheck_at timestamptz, waybill text, courier text, shipped_at timestamptz, head text)
    WHERE o.id = x.id
""")


@dataclass(frozen=True, slots=True)
class Move:
    """One locked order on its way to `stage`. `again_at`: when it is looked at again, where its stage does not say."""

    row: Row[Any]
    stage: Stage
    entered_at: datetime
    action: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    waybill: str = ""
    courier: str = ""
    shipped_at: datetime | None = None
    again_at: datetime | None = None


def move(desk: Desk, actor: Actor, moves: Sequence[Move]) -> None:
    """Write the moves with a trail row each, and owe the edits of the orders' cards. Their cases are the caller's."""
    if not moves:
        return
    made = [_trail_row(desk, actor, one) for one in moves]
    rows = [_as_row(desk, one, row.hash) for one, row in zip(moves, made, strict=True)]
    desk.session.execute(_MOVE, {"rows": orders.as_json(rows), "now": desk.now})
    trail.insert(desk, made)
    owe.order_edits(desk, [one.row.id for one in moves])


def _trail_row(desk: Desk, actor: Actor, one: Move) -> trail.Row:
    said = {"环节": [TITLES[Stage(one.row.stage)], TITLES[one.stage]], **one.detail}
    head = bytes(one.row.trail_hash)
    return trail.row(desk, orders.subject_of(one.row), head, actor=actor, action=one.action, detail=said)


def _as_row(desk: Desk, one: Move, head: bytes) -> dict[str, Any]:
    again_at = one.again_at or recheck_at(desk, one.stage, one.entered_at, one.row.not_before_at)
    return {
        "id": one.row.id, "stage": str(one.stage), "entered_at": one.entered_at, "recheck_at": again_at,
        "waybill": one.waybill, "courier": one.courier, "shipped_at": one.shipped_at, "head": head.hex(),
    }  # fmt: skip
