"""The queue for a SKU of which there is too little moves: an order of a nearer deadline comes, a deadline is put off,
one is agreed to leave later. Whoever is locked but has its goods now, or has them no longer, is looked at again."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers.desk import Desk

# Of open orders only, which are few beside all that was ever ordered. An order that breaks the code comes again when
# its time is, and what a person let go is not asked about any more. Nor does a look end what it cannot judge: one that
# also waits for a SKU of which the shelf knows nothing comes again when that is counted.
_WAKE: Final = text("""
    WITH tight AS MATERIALIZED (
        SELECT s.sku, s.on_hand - s.locked AS free
        FROM (SELECT sku, sum(pieces) AS pieces FROM sku_needs GROUP BY sku) w JOIN stock s USING (sku)
        WHERE w.pieces > s.on_hand - s.locked
    ), short AS MATERIALIZED (
        SELECT order_id, sku FROM (
            SELECT w.order_id, w.sku, t.free, sum(w.pieces) OVER (
                PARTITION BY w.sku ORDER BY w.place, w.due_at, w.at, w.order_id ROWS UNBOUNDED PRECEDING) AS taken
            FROM waiting_lines w JOIN tight t USING (sku)
        ) placed WHERE taken > free
    ), known AS MATERIALIZED (
        SELECT c.order_id, x.sku FROM cases c CROSS JOIN LATERAL jsonb_array_elements_text(c.evidence -> 'skus') x(sku)
        WHERE c.kind = 'short_stock' AND c.state IN ('open', 'claimed') AND c.order_id IS NOT NULL
    ), wrong AS (
        (SELECT order_id FROM (SELECT order_id, sku FROM known EXCEPT SELECT order_id, sku FROM short) released
            WHERE NOT EXISTS (SELECT FROM waiting_lines u LEFT JOIN stock s USING (sku)
                WHERE u.order_id = released.order_id AND s.sku IS NULL))
        UNION
        (SELECT order_id FROM (SELECT order_id, sku FROM short EXCEPT SELECT order_id, sku FROM known) lost
            WHERE NOT EXISTS (SELECT FROM cases c WHERE c.order_id = lost.order_id AND c.kind = 'short_stock'
                AND c.solved_by IS NOT NULL AND c.evidence -> 'skus' ? lost.sku))
    )
    UPDATE orders o SET recheck_at = :now FROM (
        SELECT w.id FROM orders w JOIN wrong ON wrong.order_id = w.id
        WHERE (w.recheck_at IS NULL OR w.recheck_at > :now) AND NOT EXISTS (SELECT FROM cases c
            WHERE c.order_id = w.id AND c.kind = 'look_failed' AND c.state IN ('open', 'claimed'))
        ORDER BY w.id FOR NO KEY UPDATE OF w SKIP LOCKED
    ) moved WHERE o.id = moved.id
""")


# A busy SKU gets a row with every batch of orders; whoever adds them up leaves alone what another is adding up.
_ADD_UP: Final = text("""
    WITH many AS (SELECT sku FROM sku_needs GROUP BY sku HAVING count(*) > 4), gone AS (
        DELETE FROM sku_needs WHERE id IN (
            SELECT id FROM sku_needs WHERE sku IN (SELECT sku FROM many) ORDER BY id FOR UPDATE SKIP LOCKED)
        RETURNING sku, pieces
    )
    INSERT INTO sku_needs (sku, pieces) SELECT sku, sum(pieces) FROM gone GROUP BY sku HAVING sum(pieces) <> 0
""")


def add_up(desk: Desk) -> None:
    """Keep what is needed of each SKU in few rows."""
    desk.session.execute(_ADD_UP)


def wake(desk: Desk) -> None:
    """Have the next look find the orders whose place in the queue says something else than their lock."""
    desk.session.execute(_WAKE, {"now": desk.now})
