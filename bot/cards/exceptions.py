"""`异常`: live cases by kind and by who has them."""

from __future__ import annotations

from bot.card import Text
from bot.pen import Pen
from bot.phrases import span, worded
from handlers.reports.view import ExceptionsView, KindCount, OpenCase


def draw(view: ExceptionsView, _pen: Pen) -> Text:
    of = f"{view.title}：" if view.title else ""
    if not view.total:
        return Text("\n".join(part for part in (f"**{of}没有未处理的异常**", view.note and f"> {view.note}") if part))
    unclaimed = sum(kind.unclaimed for kind in view.kinds)
    lines = [f"**{of}异常 {view.total} 件{f'，{unclaimed} 件没人认领' if unclaimed else ''}**"]
    if len(view.kinds) > 1:
        lines.append("；".join(_kind(kind, view) for kind in view.kinds))
    if len(view.owners) > 1:
        lines.append("，".join(f"{name} {count}" for name, count in view.owners))
    lines += [_case(row, view) for row in view.rows]
    if view.total > len(view.rows):
        lines.append(f"还有 {view.total - len(view.rows)} 件没有列出")
    lines.append(f"> {view.note or f'回复“{view.rows[0].code}”看详情'}")
    return Text("\n".join(lines))


def _kind(kind: KindCount, view: ExceptionsView) -> str:
    return f"{kind.title} {kind.cases}（{worded('最久', span(view.at - kind.oldest_at))}）"


def _case(row: OpenCase, view: ExceptionsView) -> str:
    named = f"{row.title} {row.tag}".rstrip()
    who = row.owner if row.claimed else f"{row.owner}待认领"
    urgent = "（急）" if row.severity == "P1" else ""
    return f"- `{row.code}` {named}{urgent}，{who}，{worded('已开', span(view.at - row.opened_at))}：{row.reason}"
