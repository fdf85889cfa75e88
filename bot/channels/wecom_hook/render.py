"""Neutral card and text as a group's webhook takes them: notices as cards, what can be pressed elsewhere as text."""

from __future__ import annotations

from typing import Final

from bot.card import Card, Drawing, Text, as_text
from bot.channels.sending import Body
from bot.channels.template_card import BOT, template_card
from bot.channels.wecom_app.render import ELSEWHERE, flat, markdown
from bot.phrases import cut_bytes

TEXT_BYTES: Final = 2048
MARKDOWN_BYTES: Final = 4096


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """A notice is a card; what calls somebody is a text, for it alone can; all else is markdown."""
    if isinstance(drawing, Card) and not (drawing.buttons or drawing.menu or drawing.submit or drawing.calls):
        card = template_card(drawing, task_id, link, BOT)
        del card["task_id"]  # the platform knows none here
        return {"msgtype": "template_card", "template_card": card}
    text = as_text(drawing, ELSEWHERE) if isinstance(drawing, Card) else drawing
    if called := text.calls.get("wecom"):
        return {"msgtype": "text", "text": {"content": _plain(text), "mentioned_list": [called]}}
    return {"msgtype": "markdown", "markdown": {"content": markdown(text, MARKDOWN_BYTES)}}


def _plain(text: Text) -> str:
    return cut_bytes(flat(text, r"\1：\2"), TEXT_BYTES) or "（空）"
