"""Lines for many orders' memos at their marketplaces, and those that are not written there after all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.batches import orders
from handlers.batches.doing import Act
from handlers.batches.remember import UNDO
from handlers.desk import Desk
from models import sources

_OWE: Final = text("""
    INSERT INTO write_backs (order_id, shop_id, kind, line, body, next_try_at, created_at)
    SELECT x.order_id, x.shop_id, 'memo', :line, x.body, :at, :now
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(order_id bigint, shop_id int, body jsonb)
    ON CONFLICT (order_id, kind, line) DO NOTHING RETURNING order_id
""")
# As in handlers/shipping.py: one that is being told just now is left alone, for whoever tells it waits for the order.
_AGAIN: Final = text("""
    UPDATE write_backs w SET state = 'owed', tries = 0, body = x.body, next_try_at = :at, created_at = :now,
        problem = ''
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(order_id bigint, shop_id int, body jsonb)
    WHERE w.order_id = x.order_id AND w.id IN (
        SELECT id FROM write_backs WHERE order_id = ANY(:ids) AND kind = 'memo' AND line = :line
        FOR UPDATE SKIP LOCKED)
""")
_FORGET_FLAGS: Final = text("""
    UPDATE write_backs SET body = body - 'flag' WHERE id IN (
        SELECT id FROM write_backs WHERE order_id = ANY(:ids) AND kind = 'memo' AND line <> :line AND state = 'owed'
        FOR UPDATE SKIP LOCKED)
""")
_UNSAY: Final = text("""
    DELETE FROM write_backs WHERE id IN (
        SELECT id FROM write_backs WHERE order_id = ANY(:ids) AND kind = 'memo' AND line = :line AND state = 'owed'
            AND tries = 0 FOR UPDATE SKIP LOCKED)
""")
_WRITTEN: Final = text("""
    SELECT order_id FROM write_backs WHERE order_id = ANY(:ids) AND kind = 'memo' AND line = :line
""")


def owe(
    desk: Desk, act: Act, rows: Sequence[Row[Any]], line: str, *, flags: Mapping[int, int] | None = None
) -> None:  # fmt: skip
    """When it cannot be taken back any more, the marketplaces that have a memo must bear `line`; `flags`: order id →
    the flag that is meant."""
    told = [row for row in rows if sources.is_told(row.platform)]
    if not told:
        return
    flagged = flags or {}
    made = [
        {
            "order_id": row.id, "shop_id": row.shop_id,
            "body": {"line": line, "by": act.actor.staff_id} | ({"flag": flagged[row.id]} if row.id in flagged else {}),
        } for row in told
    ]  # fmt: skip
    values = {"line": line, "at": act.now + UNDO, "now": act.now}
    if flagged:
        desk.session.execute(_FORGET_FLAGS, {"ids": list(flagged), "line": line})
    new = set(desk.session.execute(_OWE, {**values, "rows": orders.as_json(made)}).scalars())
    again = [one for one in made if one["order_id"] not in new]
    if again:
        ids = [one["order_id"] for one in again]
        desk.session.execute(_AGAIN, {**values, "ids": ids, "rows": orders.as_json(again)})


def unsay(desk: Desk, ids: Sequence[int], line: str) -> set[int]:
    """The line need not be written; of which orders it stands there already, or is just being written."""
    desk.session.execute(_UNSAY, {"ids": list(ids), "line": line})
    return set(desk.session.execute(_WRITTEN, {"ids": list(ids), "line": line}).scalars())
