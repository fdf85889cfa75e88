"""What lies on the shelf: counted down when goods leave, and who must be looked at again when it changes."""

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

_WAKE: Final = """
    UPDATE orders o SET recheck_at = :now FROM cases c
    WHERE c.kind = 'short_stock' AND c.state IN ('open', 'claimed') AND c.order_id = o.id AND {which}
"""
_WAKE_BEHIND: Final = text(
    _WAKE.format(
        which="c.order_id <> ALL(:ids) AND c.evidence -> 'skus' ?| "
        "ARRAY(SELECT DISTINCT sku FROM order_lines WHERE order_id = ANY(:ids))"
    )
)
_WAKE_SKU: Final = text(_WAKE.format(which="c.evidence -> 'skus' ?| ARRAY[:sku]"))


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


def count(desk: Desk, sku: str, on_hand: int) -> None:
    """So many pieces lie there now; orders that are short of them are looked at again."""
    row = {"sku": sku, "on_hand": on_hand, "updated_at": desk.now}
    counted = insert(Stock).values(row)
    desk.session.execute(
        counted.on_conflict_do_update(index_elements=["sku"], set_={"on_hand": on_hand, "updated_at": desk.now})
    )
    desk.session.execute(_WAKE_SKU, {"sku": sku, "now": desk.now})
