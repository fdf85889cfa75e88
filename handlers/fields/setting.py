"""What fields of many orders become: written in bulk, put back the same way, and the orders looked at anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from handlers import owe, watch
from handlers.batches import orders
from handlers.batches.doing import Act, Piece
from handlers.desk import Desk
from handlers.fields.living import Field, living
from handlers.fields.naming import Said

SET: Final = "set"
"""In a piece's detail and in its `before`: field id → value, None for none."""
_NONE: Final = "无"

_READ: Final = text("""
    SELECT order_id, field_id, value FROM field_values WHERE order_id = ANY(:ids) AND field_id = ANY(:fields)
""")
_PUT: Final = text("""
    INSERT INTO field_values (order_id, field_id, value, set_at, set_by, set_by_id)
    SELECT x.order_id, x.field_id, x.value, :now, :by, :by_id
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(order_id bigint, field_id bigint, value jsonb)
    ON CONFLICT (order_id, field_id) DO UPDATE
    SET value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by, set_by_id = excluded.set_by_id
""")
_CLEAR: Final = text("""
    DELETE FROM field_values v
    USING jsonb_to_recordset(cast(:rows AS jsonb)) AS x(order_id bigint, field_id bigint)
    WHERE v.order_id = x.order_id AND v.field_id = x.field_id
""")

Values = Mapping[int, Any]
"""Field id → value, None for none."""


def detail(said: Sequence[Said]) -> dict[str, Any]:
    """What a batch keeps of each of its orders."""
    return {SET: {str(one.field.id): one.value for one in said}}


def put(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    """Leaves out, by its `why`, an order on which nothing changes, and one whose field is gone by now."""
    known = {one.id: one for one in living(desk)}
    wanted = {piece.row.id: _unpacked(piece.detail) for piece in pieces}
    now = _now(desk, wanted)
    for piece in pieces:
        mine = wanted[piece.row.id]
        piece.why = _hindered(mine, known)
        before = {one: now.get((piece.row.id, one)) for one in mine}
        if not piece.why and before == dict(mine):
            piece.why = "本来就是这样，没有改动"
        piece.before[SET] = before
    good = [piece for piece in pieces if not piece.why]
    _write(desk, act, {piece.row.id: wanted[piece.row.id] for piece in good})
    _tell(desk, act, [(piece, piece.before[SET], wanted[piece.row.id]) for piece in good], action="填字段")


def put_back(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    wanted = {piece.row.id: _unpacked(piece.before) for piece in pieces}
    now = _now(desk, wanted)
    _write(desk, act, wanted)
    changes = []
    for piece in pieces:
        mine = wanted[piece.row.id]
        changes.append((piece, {one: now.get((piece.row.id, one)) for one in mine}, mine))
    _tell(desk, act, changes, action="撤销填字段")


def _unpacked(kept: Mapping[str, Any]) -> Values:
    return {int(field_id): value for field_id, value in kept[SET].items()}


def _hindered(wanted: Values, known: Mapping[int, Field]) -> str:
    for field_id, value in wanted.items():
        field = known.get(field_id)
        if field is None:
            return "字段已停用"
        if field.choices and value is not None and value not in field.choices:
            return f"「{field.name}」没有「{value}」这个选项了"
    return ""


def _now(desk: Desk, wanted: Mapping[int, Values]) -> dict[tuple[int, int], Any]:
    fields = sorted({field_id for mine in wanted.values() for field_id in mine})
    found = desk.session.execute(_READ, {"ids": list(wanted), "fields": fields})
    return {(row.order_id, row.field_id): row.value for row in found}


def _write(desk: Desk, act: Act, wanted: Mapping[int, Values]) -> None:
    rows = [
        {"order_id": order_id, "field_id": field_id, "value": value}
        for order_id, mine in wanted.items()
        for field_id, value in mine.items()
    ]
    if put_ := [row for row in rows if row["value"] is not None]:
        who = {"now": desk.now, "by": act.actor.name, "by_id": act.actor.staff_id}
        desk.session.execute(_PUT, {"rows": json.dumps(put_, ensure_ascii=False), **who})
    if cleared := [row for row in rows if row["value"] is None]:
        desk.session.execute(_CLEAR, {"rows": json.dumps(cleared, ensure_ascii=False)})


def _tell(desk: Desk, act: Act, changes: Sequence[tuple[Piece, Values, Values]], *, action: str) -> None:
    """On the trails; then rules and cards."""
    if not changes:
        return
    names = _all_fields(desk)
    said = [(piece.row, action, _change(names, before, after) | act.of_batch) for piece, before, after in changes]
    orders.extend(desk, act.actor, said)
    ids = [piece.row.id for piece, _, _ in changes]
    watch.watch(desk, ids)
    owe.order_edits(desk, ids)


def _change(names: Mapping[int, Field], before: Values, after: Values) -> dict[str, Any]:
    """名 → [旧, 新]."""
    return {
        names[one].name: [_shown(names[one], before[one]), _shown(names[one], value)]
        for one, value in after.items()
        if before[one] != value
    }


def _shown(field: Field, value: Any) -> str:
    return _NONE if value is None else field.manner.shown(value)


_EVERY: Final = text("SELECT id, name, kind, choices FROM fields ORDER BY id")


def _all_fields(desk: Desk) -> dict[int, Field]:
    """Ended ones too: a value may be put back into one."""
    found = desk.session.execute(_EVERY)
    return {row.id: Field(row.id, row.name, row.kind, tuple(row.choices)) for row in found}
