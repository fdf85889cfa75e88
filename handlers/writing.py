"""Writes down what a look at many orders came to: rows, the notes in their trails, and that their cards follow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text

from handlers import owe, trail
from handlers.desk import SYSTEM, Desk
from handlers.platform_moves import Work

_RECHECKED: Final = text("""
    UPDATE orders o SET recheck_at = x.at
    FROM unnest(cast(:ids AS bigint[]), cast(:moments AS timestamptz[])) AS x(id, at) WHERE o.id = x.id
""")

_CHANGED: Final = text("""
    UPDATE orders o SET stage = x.stage, stage_entered_at = x.entered_at, lock_reason = x.lock_reason,
        recheck_at = x.recheck_at, trail_hash = decode(x.head, 'hex'), revision = o.revision + 1
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, stage text, entered_at timestamptz,
        lock_reason text, recheck_at timestamptz, head text) WHERE o.id = x.id
""")


def write_orders(desk: Desk, works: Sequence[Work]) -> None:
    """Those that changed, with their trail; of the others only when they are looked at again."""
    changed = [work for work in works if work.changed]
    quiet = [work for work in works if not work.changed and work.recheck_at != work.row.recheck_at]
    if quiet:
        columns = {"ids": [work.row.id for work in quiet], "moments": [work.recheck_at for work in quiet]}
        desk.session.execute(_RECHECKED, columns)
    if changed:
        heads = _write_trail(desk, changed)
        rows = json.dumps([_as_row(work, heads[work.row.id]) for work in changed], ensure_ascii=False)
        desk.session.execute(_CHANGED, {"rows": rows})
        owe.order_edits(desk, [work.row.id for work in changed])


def _as_row(work: Work, head: bytes) -> dict[str, Any]:
    return {
        "id": work.row.id, "stage": str(work.stage), "entered_at": work.entered_at.isoformat(),
        "lock_reason": work.lock_reason, "head": head.hex(),
        "recheck_at": work.recheck_at.isoformat() if work.recheck_at else None,
    }  # fmt: skip


def _write_trail(desk: Desk, works: Sequence[Work]) -> dict[int, bytes]:
    """Each order's notes, chained; returns the chains' new heads."""
    heads, rows = {}, []
    for work in works:
        head = bytes(work.row.trail_hash)
        subject = trail.order_subject(work.row.shop_id, work.row.external_id)
        for action, detail in work.notes:
            made = trail.row(desk, subject, head, actor=SYSTEM, action=action, detail=detail)
            rows.append(made)
            head = made.hash
        heads[work.row.id] = head
    trail.insert(desk, rows)
    return heads
