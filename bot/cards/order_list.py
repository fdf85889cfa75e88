"""Several orders, one line each, to be named by tag."""

from __future__ import annotations

from bot.card import Text
from bot.pen import Pen
from bot.phrases import stayed
from handlers.views import OrderListView, OrderRow
from models.stages import OPEN, TITLES


def draw(view: OrderListView, pen: Pen) -> Text:
    lines = [f"**{view.title}**（{view.total} 单）", *rows(view.rows, pen)]
    if view.total > len(view.rows):
        lines.append(f"还有 {view.total - len(view.rows)} 单没有列出")
    if view.hint:
        lines.append(f"> {view.hint}")
    return Text("\n".join(lines))


def rows(orders: tuple[OrderRow, ...], pen: Pen) -> list[str]:
    """A line per order: tag, stage, how long, goods; a late one is marked."""
    return [f"- {row.tag} {TITLES[row.stage]}{_held(row, pen)} {row.summary}".rstrip() for row in orders]


def _held(row: OrderRow, pen: Pen) -> str:
    if row.stage not in OPEN:
        return ""
    return f"，{stayed(row.stage_entered_at, pen.now)}{'（超时）' if row.stale else ''}"
