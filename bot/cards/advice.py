"""`建议5`: what could be changed about a kind of alert, with what each way would have led to."""

from __future__ import annotations

from bot.card import Card, Tone
from bot.pen import Pen
from handlers.usefulness.view import AdviceView


def draw(view: AdviceView, pen: Pen) -> Card:
    buttons, menu = pen.controls(view.offers)
    return Card(
        title=f"建议：{view.title}提醒 · 近 {view.days} 天 {view.alerts} 件",
        subject=f"advice:{view.advice_id}",
        revision=view.revision,
        subtitle=view.said,
        tone=Tone.GOOD if view.over else Tone.PLAIN,
        quote="；".join(words for words in (view.note, view.over if view.offers else "") if words),
        body="\n".join(("如果当时就这样：", *view.lines)),
        buttons=buttons,
        menu=menu,
        done_text="" if view.offers else view.over,
        link=pen.base_url,
        code=view.code,
    )
