"""The orders that a batch is about: read to be asked about, locked to be changed, their chains extended in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.desk import Actor, Desk

PERSON_LOCK: Final = "person_lock"
HOLD: Final = "hold_until"
_SOFT: Final = ("stale_stage", "hold_until")
"""Live matters beside which an order is clean all the same."""


def _case(column: str, kind: str) -> str:
    """Of the live case of that kind, NULL where there is none."""
    live = "c.state IN ('open', 'claimed')"
    return f"(SELECT c.{column} FROM cases c WHERE c.order_id = o.id AND c.kind = '{kind}' AND {live})"


# Each arm is a look into ix_cases_order_id.
_COLUMNS: Final = f"""
    o.id, o.shop_id, o.platform, o.external_id, o.tag, o.stage, o.stage_entered_at, o.revision, o.hold, o.refund,
    o.lock_reason, o.not_before_at, o.ship_by_at, o.shipped_at, o.buyer_key, o.trail_hash, o.waybill, o.courier,
    o.paid_fen,
    {_case("id", PERSON_LOCK)} AS lock_id, {_case("role", PERSON_LOCK)} AS lock_role, {_case("id", HOLD)} AS hold_id,
    (SELECT min(c.kind) FROM cases c WHERE c.order_id = o.id AND c.state IN ('open', 'claimed')
        AND c.kind NOT IN ({", ".join(f"'{kind}'" for kind in _SOFT)})) AS unsettled
"""
_READ: Final = text(f"SELECT {_COLUMNS} FROM orders o WHERE o.id = ANY(:ids)")
_LOCK: Final = text("SELECT id FROM orders WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
_LOCK_FREE: Final = text("SELECT id FROM orders WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED")
_OPEN: Final = "o.stage IN ('pending_review', 'pending_pick', 'pending_ship')"
_OF_STAGE: Final = f"""
    SELECT {_COLUMNS} FROM orders o WHERE {{which}} AND (cast(:shops AS int[]) IS NULL OR o.shop_id = ANY(:shops))
    ORDER BY o.stage_entered_at, o.id LIMIT :most
"""
_IN_STAGE: Final = text(_OF_STAGE.format(which=f"{_OPEN} AND o.stage = :stage"))
_IN_ANY: Final = text(_OF_STAGE.format(which=_OPEN))
_WITH_LOCK: Final = text(
    _OF_STAGE.format(
        which="o.id IN (SELECT c.order_id FROM cases c "
        f"WHERE c.kind = '{PERSON_LOCK}' AND c.state IN ('open', 'claimed'))"
    )
)
_EXTEND: Final = text("""
    UPDATE orders o SET trail_hash = x.hash, revision = o.revision + 1
    FROM unnest(cast(:ids AS bigint[]), cast(:hashes AS bytea[])) AS x(id, hash) WHERE o.id = x.id
""")
_REVISIONS: Final = text("SELECT id, revision FROM orders WHERE id = ANY(:ids)")
_SINCE: Final = text("""
    SELECT DISTINCT ON (subject) subject, actor, action FROM trail WHERE subject = ANY(:subjects)
    ORDER BY subject, id DESC
""")


def read(desk: Desk, ids: Iterable[int]) -> dict[int, Row[Any]]:
    """The orders as they stand, not locked; in the order of the ids."""
    wanted = list(ids)
    found = {row.id: row for row in desk.session.execute(_READ, {"ids": wanted})} if wanted else {}
    return {one: found[one] for one in wanted if one in found}


def of_stage(desk: Desk, stage: str | None, shop_ids: Sequence[int] | None, most: int) -> list[Row[Any]]:
    """The open orders of a stage, or of every one; longest there first."""
    values = {"shops": shop_ids, "most": most}
    if stage is None:
        return list(desk.session.execute(_IN_ANY, values))
    return list(desk.session.execute(_IN_STAGE, {**values, "stage": stage}))


def locked_by_people(desk: Desk, shop_ids: Sequence[int] | None, most: int) -> list[Row[Any]]:
    return list(desk.session.execute(_WITH_LOCK, {"shops": shop_ids, "most": most}))


def lock(desk: Desk, ids: Sequence[int], *, wait: bool) -> dict[int, Row[Any]]:
    """The orders, locked in the order of their ids as everybody does; without `wait` those alone that nobody holds."""
    held = list(desk.session.execute(_LOCK if wait else _LOCK_FREE, {"ids": list(ids)}).scalars())
    return read(desk, held)  # a statement of its own: what another transaction did meanwhile is seen


def extend(desk: Desk, actor: Actor, said: Sequence[tuple[Row[Any], str, Mapping[str, Any]]]) -> None:
    """A trail row for each locked order, which is another revision by that."""
    rows = [
        trail.row(
            desk, subject_of(row), bytes(row.trail_hash), actor=actor, action=action, detail=detail
        ) for row, action, detail in said
    ]  # fmt: skip
    trail.insert(desk, rows)
    heads = {"ids": [row.id for row, _, _ in said], "hashes": [one.hash for one in rows]}
    desk.session.execute(_EXTEND, heads)


def subject_of(row: Row[Any]) -> str:
    return trail.order_subject(row.shop_id, row.external_id)


def revisions(desk: Desk, ids: Iterable[int]) -> dict[int, int]:
    found = desk.session.execute(_REVISIONS, {"ids": list(ids)})
    return {row.id: row.revision for row in found}


def last_words(desk: Desk, rows: Sequence[Row[Any]]) -> dict[int, tuple[str, str]]:
    """Order id → who did something to it last, and what."""
    by_subject = {subject_of(row): row.id for row in rows}
    found = desk.session.execute(_SINCE, {"subjects": list(by_subject)})
    return {by_subject[row.subject]: (row.actor, row.action) for row in found}


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(list(rows), ensure_ascii=False, default=str)
