"""`库存`: what lies there of a SKU, and who waits for it."""

from __future__ import annotations

from bot.card import Text
from bot.cards.order_list import rows
from bot.pen import Pen
from handlers.views import StockView


def draw(view: StockView, pen: Pen) -> Text:
    lines = [f"**{view.sku} {view.title}**".replace(" **", "**"), _count(view)]
    lines += rows(view.waiting, pen)
    if view.waiting_orders > len(view.waiting):
        lines.append(f"还有 {view.waiting_orders - len(view.waiting)} 单没有列出")
    if view.note:
        lines.append(f"> {view.note}")
    return Text("\n".join(lines))


def _count(view: StockView) -> str:
    needed = f"待发 {view.waiting_pieces} 件（{view.waiting_orders} 单）" if view.waiting_orders else "没有订单在等"
    if view.on_hand is None:
        return f"库存没有记录，{needed}"
    free = view.on_hand - view.waiting_pieces
    return f"在库 {view.on_hand} 件，{needed}，" + (f"缺 {-free} 件" if free < 0 else f"可用 {free} 件")
