"""`库存`: what lies on the shelf as people ask for it, and what they count there."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers import listing, stock, trail
from handlers.desk import Actor, Desk, Refusal
from handlers.views import StockView

_SHOWN: Final = text("""
    SELECT s.on_hand, coalesce(s.locked, 0) AS locked, coalesce(s.incoming, 0) AS incoming, s.incoming_at,
        coalesce(s.outside, 0) AS outside,
        w.pieces, w.orders, w.ids,
        (SELECT min(source) FROM stock_levels WHERE sku = :sku) AS source,
        (SELECT btrim(l.title || ' ' || l.spec) FROM order_lines l WHERE l.sku = :sku
            ORDER BY l.order_id DESC LIMIT 1) AS title
    FROM (SELECT coalesce(sum(pieces), 0) AS pieces, count(*) AS orders,
            (array_agg(order_id ORDER BY place, due_at, at, order_id))[1 : :limit] AS ids
            FROM waiting_lines WHERE sku = :sku) w
        LEFT JOIN stock s ON s.sku = :sku
""")


def show(desk: Desk, sku: str, *, note: str = "") -> StockView:
    """`库存`: what lies there, who holds it, and the orders that wait for it in the order in which they get it."""
    row = desk.session.execute(_SHOWN, {"sku": sku, "limit": listing.SHOWN}).one()
    return StockView(
        sku=sku,
        title=row.title or "",
        on_hand=row.on_hand,
        waiting_pieces=int(row.pieces),
        waiting=listing.rows(desk, row.ids or []),
        waiting_orders=row.orders,
        note=note,
        locked=row.locked,
        incoming=row.incoming,
        incoming_at=row.incoming_at,
        outside=row.outside,
        source=_name(desk, row.source) if row.source else "",
    )


def recount(desk: Desk, sku: str, on_hand: int, actor: Actor) -> StockView:
    """Somebody counted: kept in the trail, and shown as it is now. Raises Refusal for what an ERP counts: its next
    word would undo it."""
    (row,) = stock.stands(desk, [sku])
    if row.source:
        raise Refusal(f"{sku} 的库存由「{_name(desk, row.source)}」提供，请在那里盘点，这里会跟着更新")
    before = stock.count(desk, sku, on_hand)
    was = "没有记录" if before is None else f"{before} 件"
    trail.write(desk, f"stock:{sku}", actor, action="盘点", detail={"SKU": sku, "在库": [was, f"{on_hand} 件"]})
    return show(desk, sku, note=f"{actor.name}盘点：{was} → {on_hand} 件，缺货的订单稍后自动重新核对")


def take_in(desk: Desk, sku: str, pieces: int, actor: Actor) -> StockView:
    """Goods came in: so many more. Raises Refusal for what an ERP counts."""
    (row,) = stock.stands(desk, [sku])
    if row.source:
        raise Refusal(f"{sku} 的库存由「{_name(desk, row.source)}」提供，请在那里入库，这里会跟着更新")
    now = stock.add(desk, sku, pieces)
    trail.write(desk, f"stock:{sku}", actor, action="入库", detail={"SKU": sku, "在库": [now - pieces, now]})
    return show(desk, sku, note=f"{actor.name}入库 {pieces} 件，现有 {now} 件，缺货的订单按发货期限先后自动放行")


def _name(desk: Desk, source: str) -> str:
    return next((erp.name for erp in desk.settings.erp if erp.slug == source), source)
