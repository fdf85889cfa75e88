"""Orders changed in bulk because of a file. Each order's trail goes on with the statement that changes the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, TextClause, text

from handlers import trail, watch
from handlers.desk import Actor, Desk

_OF: Final = "FROM unnest(cast(:ids AS bigint[]), cast(:heads AS text[])) AS x (id, head) WHERE o.id = x.id"
_NOTE: Final = text(f"UPDATE orders o SET trail_hash = decode(x.head, 'hex') {_OF}")
# The fingerprint goes: the same rows in another file are then news, and bring the order back.
_CANCEL: Final = text(f"""
    UPDATE orders o SET effect = 'cancelled', platform_status = :status, content_hash = decode(repeat('00', 16), 'hex'),
        trail_hash = decode(x.head, 'hex'), revision = o.revision + 1 {_OF}
""")
_REVIVE: Final = text(f"""
    UPDATE orders o SET stage = 'pending_review', stage_entered_at = :now, recheck_at = :now,
        trail_hash = decode(x.head, 'hex'), revision = o.revision + 1 {_OF}
""")


def note(
    desk: Desk, rows: Sequence[Row[Any]], actor: Actor, *, action: str, details: Sequence[Mapping[str, Any]]
) -> None:  # fmt: skip
    """`rows`: id, shop_id, external_id, trail_hash, locked; `details`: one for each."""
    _change(desk, _NOTE, _entries(desk, rows, actor, (action, details)), {})


def cancel(
    desk: Desk, rows: Sequence[Row[Any]], actor: Actor, *, action: str, detail: Mapping[str, Any], status: str
) -> None:  # fmt: skip
    _change(desk, _CANCEL, _entries(desk, rows, actor, (action, [detail] * len(rows))), {"status": status})
    watch.watch(desk, [row.id for row in rows])


def revive(
    desk: Desk, rows: Sequence[Row[Any]], actor: Actor, *, action: str, detail: Mapping[str, Any]
) -> None:  # fmt: skip
    _change(desk, _REVIVE, _entries(desk, rows, actor, (action, [detail] * len(rows))), {"now": desk.now})
    watch.watch(desk, [row.id for row in rows])


def _entries(
    desk: Desk, rows: Sequence[Row[Any]], actor: Actor, said: tuple[str, Sequence[Mapping[str, Any]]]
) -> dict[int, trail.Row]:  # fmt: skip
    """`said`: what was done, and a detail for each row."""
    action, details = said
    return {
        row.id: trail.row(
            desk, trail.order_subject(row.shop_id, row.external_id), bytes(row.trail_hash),
            actor=actor, action=action, detail=detail,
        )
        for row, detail in zip(rows, details, strict=True)
    }  # fmt: skip


def _change(
    desk: Desk, statement: TextClause, entries: Mapping[int, trail.Row], values: Mapping[str, Any]
) -> None:  # fmt: skip
    if not entries:
        return
    trail.insert(desk, list(entries.values()))
    heads = [entry.hash.hex() for entry in entries.values()]
    desk.session.execute(statement, {"ids": list(entries), "heads": heads, **values})
