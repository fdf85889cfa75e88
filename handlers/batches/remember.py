"""A single step, kept like a batch of one: `撤销` takes back what a person did last, however it was done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers.desk import Actor, Desk

UNDO: Final = timedelta(seconds=60)
"""How long a step can be taken back."""

_KEEP: Final = text("""
    WITH made AS (
        INSERT INTO batches (verb, state, said, asked_by, acted_by, actor, asked_at, acted_at, undo_until)
        VALUES (:verb, 'done', cast(:said AS jsonb), :by, :by, cast(:actor AS jsonb), :now, :now, :until) RETURNING id)
    INSERT INTO batch_orders (batch_id, order_id, place, state, seen, made, at, before)
    SELECT id, :order_id, 0, 'done', :revision - 1, :revision, :now, cast(:before AS jsonb) FROM made
""")


def remember(desk: Desk, actor: Actor, verb: str, order_id: int, *, revision: int, **before: Any) -> None:
    """`revision`: the order's after the step; `before`: what must be known to take it back, and `words` if any were
    said. Nothing is kept of what the hub does by itself."""
    if actor.staff_id is None:
        return
    roles = sorted(str(role) for role in actor.roles)
    who = {"name": actor.name, "staff_id": actor.staff_id, "source": actor.source, "roles": roles}
    desk.session.execute(_KEEP, {
        "verb": verb, "said": _text({"total": 1, "asker": actor.name, "words": before.pop("words", "")}),
        "by": actor.staff_id, "actor": _text(who), "now": desk.now, "until": desk.now + UNDO, "order_id": order_id,
        "revision": revision, "before": _text(before),
    })  # fmt: skip


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)
