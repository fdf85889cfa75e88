"""`我的`: what lies with one person."""

from __future__ import annotations

from typing import Final

from bot.card import Text
from bot.cards.order_list import rows
from bot.pen import Pen
from bot.phrases import span, worded
from handlers.views import CaseRow, MineView

_FREE: Final = 5


def draw(view: MineView, pen: Pen) -> Text:
    lines = [f"**{view.name}（{view.roles}）手上：{_counted(view.case_total, view.order_total) or '没有待办'}**"]
    lines += [_case(row, view) for row in view.cases]
    lines += _rest(view.case_total - len(view.cases), "件异常")
    lines += rows(view.orders, pen)
    lines += _rest(view.order_total - len(view.orders), "单")
    lines += _free(view, pen)
    if first := next(iter((*view.cases, *view.free_cases)), None):
        lines.append(f"> 回复“{first.code}”看详情")
    if view.note:
        lines.append(f"> {view.note}")
    return Text("\n".join(lines))


def _free(view: MineView, pen: Pen) -> list[str]:
    """What nobody has: how much, and the first of it; the matters before the orders that only wait for their step."""
    counted = _counted(view.free_case_total, view.free_order_total)
    if not counted:
        return [] if view.case_total or view.order_total else ["也没有待认领的，辛苦了。"]
    room = max(_FREE - len(view.free_cases), 0)
    most = "，最急的" if view.free_case_total + view.free_order_total > _FREE else ""
    lines = [f"**待认领：{counted}{most}**", *(_case(row, view) for row in view.free_cases[:_FREE])]
    return [*lines, *rows(view.free_orders[:room], pen)]


def _counted(cases: int, orders: int) -> str:
    parts = [f"异常 {cases} 件" if cases else "", f"订单 {orders} 单" if orders else ""]
    return "，".join(part for part in parts if part)


def _case(row: CaseRow, view: MineView) -> str:
    named = f"{row.title} {row.tag}".rstrip()
    return f"- `{row.code}` {named}，{worded('已开', span(view.at - row.opened_at))}：{row.reason}"


def _rest(count: int, unit: str) -> list[str]:
    return [f"还有 {count} {unit}没有列出"] if count > 0 else []
