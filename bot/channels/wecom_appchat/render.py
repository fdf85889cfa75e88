"""Neutral card and text for a group of the app: there are no buttons, so the short code stands in for them."""

from __future__ import annotations

from bot.card import Card, Drawing, as_text
from bot.channels.sending import Body
from bot.channels.wecom_app.render import ELSEWHERE, MOST_BYTES, markdown


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    text = as_text(drawing, ELSEWHERE) if isinstance(drawing, Card) else drawing
    return {"msgtype": "markdown", "markdown": {"content": markdown(text, MOST_BYTES)}}
