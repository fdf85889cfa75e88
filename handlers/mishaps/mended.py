"""What was missing, wrong or broken is sent once more: the matter is over when that order stands, and the customer
hears so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, trail
from handlers.desk import SYSTEM, Desk
from handlers.kinds import kind_of, title_of
from handlers.mishaps.registering import KIND
from handlers.platform_moves import Work

_SOON: Final = timedelta(minutes=1)

# Only what was told before the reship was begun is mended by it; and only by one that will really go.
_STANDING: Final = """
    SELECT c.id, c.order_id, k.order_id AS reship_id, o.tag, x.shop_id, x.external_id, x.buyer_key
    FROM order_links k JOIN orders o ON o.id = k.order_id JOIN orders x ON x.id = k.original_order_id
        JOIN cases c ON c.order_id = x.id AND c.kind = :kind AND c.state IN ('open', 'claimed')
            AND coalesce(cast(c.evidence ->> 'told_at' AS timestamptz), c.opened_at) <= k.at
    WHERE k.order_id = ANY(:ids) AND k.kind = 'reship' AND o.stage <> 'cancelled' AND NOT EXISTS (
        SELECT FROM cases w WHERE w.order_id = o.id AND w.kind = 'resend_check' AND w.state IN ('open', 'claimed'))
"""
_MENDED: Final = text(f"{_STANDING} ORDER BY c.order_id, k.at, k.order_id")
# Whoever holds one may wait for an order of this batch: it is come back to.
_LOCK: Final = text("SELECT id FROM orders WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED")
_LATER: Final = text("UPDATE orders SET recheck_at = least(recheck_at, :at) WHERE id = ANY(:ids)")


def look(desk: Desk, works: Sequence[Work]) -> None:
    """Of a batch that was watched and is written: which reships stand now. An original may be of the batch or not."""
    reships = [work.row.id for work in works if work.row.kind == "reship"]
    found = _found(desk, reships) if reships else []
    if not found:
        return
    locked = set(desk.session.execute(_LOCK, {"ids": [row.order_id for row in found]}).scalars())
    busy = [row.reship_id for row in found if row.order_id not in locked]
    if busy:
        desk.session.execute(_LATER, {"ids": busy, "at": desk.now + _SOON})
    for row in _found(desk, reships):  # once more, now that nobody else changes them
        if row.order_id in locked:
            _end(desk, row)


def _found(desk: Desk, reships: Sequence[int]) -> list[Row[Any]]:
    return list(desk.session.execute(_MENDED, {"kind": KIND, "ids": list(reships)}))


def _end(desk: Desk, row: Row[Any]) -> None:
    solution = f"已补发 {row.tag}"
    for closed in opening.close_many(desk, [(row.id, solution)]):  # the first of several ends it
        detail = {title_of(KIND, closed.evidence): solution}
        trail.write_order(desk, row.order_id, actor=SYSTEM, action="异常解除", detail=detail)
        buyer = (row.shop_id, row.buyer_key, row.external_id)
        owe.owe_customers(desk, [owe.solved_message(desk, row.id, buyer, kind_of(KIND).customer)])
