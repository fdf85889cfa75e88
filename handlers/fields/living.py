"""The company's own fields as they hold in this transaction: read once, and what orders have of them asked for only
where there is any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from handlers import mask
from handlers.desk import Desk
from handlers.fields.kinds import KINDS, Kind

_KEPT: Final = "fields"
_READ: Final = text("SELECT id, name, kind, choices FROM fields WHERE ended_at IS NULL ORDER BY id")
_VALUES: Final = text("""
    SELECT order_id, field_id, value FROM field_values WHERE order_id = ANY(:ids) AND field_id = ANY(:fields)
    ORDER BY order_id, field_id
""")

# An arm of the one statement that shows an order `o`; looks into primary keys.
FIELDS: Final = """
    (SELECT coalesce(jsonb_agg(jsonb_build_array(f.name, f.kind, v.value) ORDER BY f.id), '[]')
        FROM field_values v JOIN fields f ON f.id = v.field_id AND f.ended_at IS NULL
        WHERE v.order_id = o.id) AS own_fields
"""


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: a slug of KINDS."""

    id: int
    name: str
    kind: str
    choices: tuple[str, ...] = ()

    @property
    def manner(self) -> Kind:
        return KINDS[self.kind]

    @property
    def allowed(self) -> str:
        """What it can be, in words."""
        return f"其中一个：{'、'.join(self.choices)}" if self.choices else self.manner.allowed


def living(desk: Desk) -> tuple[Field, ...]:
    """Those that nobody has ended, the oldest first."""
    session = desk.session
    kept = session.info.get(_KEPT)
    if kept is not None and kept[0] is session.get_transaction():
        found: tuple[Field, ...] = kept[1]
        return found
    found = tuple(Field(row.id, row.name, row.kind, tuple(row.choices)) for row in session.execute(_READ))
    session.info[_KEPT] = (session.get_transaction(), found)
    return found


def forget(desk: Desk) -> None:
    """A field was changed in this transaction."""
    desk.session.info.pop(_KEPT, None)


def by_name(desk: Desk) -> dict[str, Field]:
    return {one.name: one for one in living(desk)}


def values(desk: Desk, ids: Sequence[int]) -> dict[int, dict[str, tuple[Field, Any]]]:
    """Order → name → the field, and what is kept of it."""
    fields = {one.id: one for one in living(desk)}
    found: dict[int, dict[str, tuple[Field, Any]]] = {}
    if not fields or not ids:
        return found
    for row in desk.session.execute(_VALUES, {"ids": list(ids), "fields": list(fields)}):
        field = fields[row.field_id]
        found.setdefault(row.order_id, {})[field.name] = (field, row.value)
    return found


def facts(desk: Desk, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Order → OrderFacts.custom."""
    return {
        order_id: {name: field.manner.fact(value) for name, (field, value) in kept.items()}
        for order_id, kept in values(desk, ids).items()
    }


def shown(rows: Iterable[Sequence[Any]]) -> tuple[tuple[str, str], ...]:
    """The rows of FIELDS as people read them."""
    return tuple((name, mask.phones(KINDS[kind].shown(value))) for name, kind, value in rows)
