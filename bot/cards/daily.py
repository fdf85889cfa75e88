"""`日报`: a day in a dozen lines."""

from __future__ import annotations

from datetime import timedelta

from bot.card import Text
from bot.pen import Pen
from bot.phrases import moment, span, yuan
from handlers.reports.view import DailyView, PersonDay

_WEEKDAYS = "一二三四五六日"
_SHOPS = 8


def draw(view: DailyView, _pen: Pen) -> Text:
    until = f"，截至 {moment(view.at, view.at)}" if view.open_orders is not None else ""
    lines = [
        f"**{view.day:%m-%d} 周{_WEEKDAYS[view.day.weekday()]} 日报{until}**",
        f"新增 {view.new} 单，发出 {view.shipped} 单 {yuan(view.shipped_fen)}，{_late(view)}",
    ]
    lines += [_standing(view)] if view.open_orders is not None else []
    lines.append(_cases(view))
    lines += [view.mishaps] if view.mishaps else []
    if view.passed_alone is not None and view.passed:
        lines.append(f"自动审核 {view.passed_alone} 单，占审核 {view.passed_alone / view.passed:.0%}")
    lines.append(f"审核响应 {_middle(view.review)}，异常处理 {_middle(view.solve)}（中位数）")
    lines += [f"- {name}：新增 {new}，发出 {shipped}" for name, new, shipped in view.shops[:_SHOPS]]
    lines += [f"- {_person(person)}" for person in view.people]
    if view.note:
        lines.append(f"> {view.note}")
    return Text("\n".join(lines))


def _late(view: DailyView) -> str:
    return f"其中 {view.shipped_late} 单晚于平台期限" if view.shipped_late else "没有晚发"


def _standing(view: DailyView) -> str:
    return f"还有 {view.open_orders} 单没发，停留超时 {view.stale} 单，已过发货期限 {view.open_late} 单"


def _cases(view: DailyView) -> str:
    by_itself = f"，其中自动解除 {view.by_itself / view.solved:.0%}" if view.by_itself else ""
    kinds = "（" + "，".join(f"{title} {count}" for title, count in view.kinds) + "）" if view.kinds else ""
    return f"异常新开 {view.opened} 件{kinds}，解决 {view.solved} 件{by_itself}"


def _middle(length: timedelta | None) -> str:
    return span(length) if length is not None else "没有记录"


def _person(person: PersonDay) -> str:
    return f"{person.name}：" + "，".join(f"{action} {count}" for action, count in person.done)
