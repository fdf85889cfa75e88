"""`库存`: what lies there of a SKU, and who waits for it."""

from __future__ import annotations

from bot.card import Text
from bot.cards.order_list import rows
from bot.pen import Pen
from bot.phrases import moment
from handlers.views import StockView


def draw(view: StockView, pen: Pen) -> Text:
    lines = [f"**{view.sku} {view.title}**".replace(" **", "**"), _count(view, pen)]
    lines += rows(view.waiting, pen)
    if view.waiting_orders > len(view.waiting):
        lines.append(f"还有 {view.waiting_orders - len(view.waiting)} 单没有列出")
    if view.source:
        outside = f"，已减去不经它发出的 {view.outside} 件，它重新盘点后以它为准" if view.outside else ""
        lines.append(f"库存由「{view.source}」提供{outside}")
    if view.note:
        lines.append(f"> {view.note}")
    return Text("\n".join(lines))


def _count(view: StockView, pen: Pen) -> str:
    needed = f"待发 {view.waiting_pieces} 件（{view.waiting_orders} 单）" if view.waiting_orders else "没有订单在等"
    if view.on_hand is None:
        return f"库存没有记录，{needed}"
    free = view.on_hand - view.locked - view.waiting_pieces
    others = f"，其他占用 {view.locked} 件" if view.locked else ""
    left = f"缺 {-free} 件" if free < 0 else f"可用 {free} 件"
    return f"在库 {view.on_hand} 件，{needed}{others}，{left}{_coming(view, pen)}"


def _coming(view: StockView, pen: Pen) -> str:
    if not view.incoming:
        return ""
    when = f"，预计 {moment(view.incoming_at, pen.now)} 到" if view.incoming_at else ""
    return f"，在途 {view.incoming} 件{when}"
