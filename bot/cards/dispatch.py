"""`指派`: which matter, to whom."""

from __future__ import annotations

from bot.card import Card, Tone
from bot.pen import Pen, drop_down
from bot.phrases import span, worded
from handlers.dispatch.dispatch import SUBJECT
from handlers.dispatch.view import DispatchView


def draw(view: DispatchView, pen: Pen) -> Card:
    buttons = [pen.button(offer) for offer in view.offers]
    forms = tuple(found for choice in (view.matters, view.people) if (found := drop_down(choice)))
    oldest = worded("最久", span(view.at - view.oldest_at)) if view.oldest_at is not None else ""
    return Card(
        title=f"待指派 {view.total} 件" if view.total else "没有待指派的事",
        subject=SUBJECT,
        revision=0,
        subtitle=oldest,
        tone=Tone.PLAIN if view.total else Tone.GOOD,
        quote=view.note,
        body=_unlisted(view) if buttons else "",
        link=pen.base_url,
        forms=forms if buttons else (),
        submit=buttons[0] if buttons else None,
        typed=f"回复：指派 {_first_code(view)} 人名",
    )


def _unlisted(view: DispatchView) -> str:
    return f"另有 {view.unlisted} 人没列出，请发：指派 短码 人名" if view.unlisted else ""


def _first_code(view: DispatchView) -> str:
    """Each matter is named by the code that it has for life."""
    options = view.matters.options if view.matters is not None else ()
    return options[0][1].split()[0] if options else "短码"
