"""`库存`: what lies on the shelf as people ask for it, and what they count there."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers import listing, stock, trail
from handlers.desk import Actor, Desk
from handlers.views import StockView

_SHOWN: Final = text("""
    SELECT (SELECT on_hand FROM stock WHERE sku = :sku) AS on_hand,
        coalesce(sum(pieces), 0) AS pieces, count(*) AS orders,
        (array_agg(order_id ORDER BY at, order_id))[1 : :limit] AS ids,
        (SELECT btrim(l.title || ' ' || l.spec) FROM order_lines l WHERE l.sku = :sku
            ORDER BY l.order_id DESC LIMIT 1) AS title
    FROM waiting_lines WHERE sku = :sku
""")


def show(desk: Desk, sku: str, *, note: str = "") -> StockView:
    """`库存`: what lies there, and the orders that wait for it in the order in which they get it."""
    row = desk.session.execute(_SHOWN, {"sku": sku, "limit": listing.SHOWN}).one()
    return StockView(
        sku=sku,
        title=row.title or "",
        on_hand=row.on_hand,
        waiting_pieces=int(row.pieces),
        waiting=listing.rows(desk, row.ids or []),
        waiting_orders=row.orders,
        note=note,
    )


def recount(desk: Desk, sku: str, on_hand: int, actor: Actor) -> StockView:
    """Somebody counted: kept in the trail, and shown as it is now."""
    before = stock.count(desk, sku, on_hand)
    was = "没有记录" if before is None else f"{before} 件"
    trail.write(desk, f"stock:{sku}", actor, action="盘点", detail={"SKU": sku, "在库": [was, f"{on_hand} 件"]})
    return show(desk, sku, note=f"{actor.name}盘点：{was} → {on_hand} 件，缺货的订单稍后自动重新核对")
