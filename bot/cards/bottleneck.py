"""`瓶颈`: the sentence first, then what it rests on."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.card import Text
from bot.pen import Pen
from bot.phrases import span, worded
from handlers.reports.view import BottleneckView, Stay


def draw(view: BottleneckView, _pen: Pen) -> Text:
    lines = [f"**{view.verdict}**"]
    for heading, stays in (("环节", view.stages), ("店铺", view.shops), ("异常", view.kinds)):
        if stays:
            lines.append(f"**{heading}**")
        lines += [_stay(stay, view.at) for stay in stays]
    if view.waits:
        lines.append("锁住的订单：" + "；".join(f"{what} {orders} 单" for what, orders in view.waits))
    if view.note:
        lines.append(f"> {view.note}")
    return Text("\n".join(lines))


def _stay(stay: Stay, at: datetime) -> str:
    who = f"（{stay.who}）" if stay.who else ""
    words = [f"中位 {_span(stay.median)}，九成在 {_span(stay.p90)} 内", f"占等待 {stay.share:.0%}"]
    if stay.waiting and stay.oldest_at is not None:
        words.append(f"还在等 {stay.waiting}，{worded('最久', span(at - stay.oldest_at))}")
    return f"- {stay.title}{who}：" + "，".join(words)


def _span(length: timedelta | None) -> str:
    return span(length) if length is not None else "–"
