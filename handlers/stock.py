"""What lies on the shelf: counted down when goods leave, counted anew by people, and who must be looked at again when
it changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from handlers.desk import Desk
from models import Stock

_TAKE: Final = text("""
    UPDATE stock s SET on_hand = greatest(s.on_hand - gone.pieces, 0), updated_at = :now
    FROM (SELECT sku, sum(quantity) AS pieces FROM order_lines
          WHERE order_id = ANY(:ids) AND refund <> 'refunded' GROUP BY sku) gone
    WHERE s.sku = gone.sku
""")

# Orders are locked by id, and before the shelf, as by everybody who needs both.
_WAKE: Final = """
    UPDATE orders o SET recheck_at = :now FROM (
        SELECT w.id FROM orders w JOIN cases c ON c.order_id = w.id
        WHERE c.kind = 'short_stock' AND c.state IN ('open', 'claimed') AND {which} ORDER BY w.id FOR NO KEY UPDATE OF w
    ) waiting WHERE o.id = waiting.id
"""
_WAKE_BEHIND: Final = text(
    _WAKE.format(
        which="c.order_id <> ALL(:ids) AND c.evidence -> 'skus' ?| "
        "ARRAY(SELECT DISTINCT sku FROM order_lines WHERE order_id = ANY(:ids))"
    )
)
_WAKE_SKU: Final = text(_WAKE.format(which="c.evidence -> 'skus' ?| ARRAY[:sku]"))


_LIES: Final = text("SELECT on_hand FROM stock WHERE sku = :sku FOR UPDATE")

# As it is written on the shelf's list, however it is typed; else as an order names it.
_KNOWN: Final = text("""
    SELECT sku FROM (
        SELECT sku, 1 AS place FROM stock WHERE lower(sku) = lower(:sku)
        UNION ALL (SELECT sku, 2 FROM order_lines WHERE sku = :sku LIMIT 1)
    ) found ORDER BY place, sku <> :sku LIMIT 1
""")


def seed_stock(desk: Desk) -> None:
    """Insert the SKUs that `hub.toml` names and the table lacks; counted ones stay."""
    rows = [{"sku": sku, "on_hand": pieces, "updated_at": desk.now} for sku, pieces in desk.settings.stock.items()]
    if rows:
        desk.session.execute(insert(Stock).on_conflict_do_nothing(), rows)


def take(desk: Desk, order_ids: Sequence[int]) -> None:
    """These orders left the house: their goods are no longer on the shelf."""
    if order_ids:
        desk.session.execute(_TAKE, {"ids": list(order_ids), "now": desk.now})


def freed(desk: Desk, order_ids: Sequence[int]) -> None:
    """These orders need their goods no longer: orders that are short of them are looked at again."""
    if order_ids:
        desk.session.execute(_WAKE_BEHIND, {"ids": list(order_ids), "now": desk.now})


def count(desk: Desk, sku: str, on_hand: int) -> int | None:
    """So many pieces lie there now; orders that are short of them are looked at again. How many there were before."""
    desk.session.execute(_WAKE_SKU, {"sku": sku, "now": desk.now})
    before = desk.session.execute(_LIES, {"sku": sku}).scalar_one_or_none()
    row = {"sku": sku, "on_hand": on_hand, "updated_at": desk.now}
    counted = insert(Stock).values(row)
    desk.session.execute(
        counted.on_conflict_do_update(index_elements=["sku"], set_={"on_hand": on_hand, "updated_at": desk.now})
    )
    return before


def known(desk: Desk, sku: str) -> str | None:
    """The SKU that is meant, None where neither the shelf nor an order has it."""
    return desk.session.execute(_KNOWN, {"sku": sku}).scalar_one_or_none()
