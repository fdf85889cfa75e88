"""`我的`: what lies with one person."""

from __future__ import annotations

from bot.card import Text
from bot.cards.order_list import rows
from bot.pen import Pen
from bot.phrases import span, worded
from handlers.views import CaseRow, MineView


def draw(view: MineView, pen: Pen) -> Text:
    lines = [f"**{view.name}（{view.roles}）：异常 {view.case_total} 件，订单 {view.order_total} 单**"]
    lines += [_case(row, view) for row in view.cases]
    lines += _rest(view.case_total - len(view.cases), "件异常")
    lines += rows(view.orders, pen)
    lines += _rest(view.order_total - len(view.orders), "单")
    if not view.case_total and not view.order_total:
        lines.append("手上没有待办，辛苦了。")
    elif view.cases:
        lines.append(f"> 回复“{view.cases[0].code}”看详情")
    if view.note:
        lines.append(f"> {view.note}")
    return Text("\n".join(lines))


def _case(row: CaseRow, view: MineView) -> str:
    named = f"{row.title} {row.tag}".rstrip()
    return f"- `{row.code}` {named}，{worded('已开', span(view.at - row.opened_at))}：{row.reason}"


def _rest(count: int, unit: str) -> list[str]:
    return [f"还有 {count} {unit}没有列出"] if count > 0 else []
