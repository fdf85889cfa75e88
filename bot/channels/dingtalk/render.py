"""Neutral card and text as DingTalk's robot sends them: a card is data for a template, a text is markdown."""

from __future__ import annotations

from typing import Final

from bot.card import Card, Drawing, Text
from bot.channels.dingtalk.markdown import compact, fitted, title_of, without_last_link
from bot.channels.dingtalk.own_card import own_card
from bot.channels.dingtalk.public_card import public_card
from bot.channels.sending import Body
from config_chat import PUBLIC_TEMPLATE

PARAM_BYTES: Final = 15_000
_AROUND: Final = 1_500  # of them for title, button and brackets
_BUTTON: Final = 20


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """A card's data in our own template, or a text; the caller adds who gets it."""
    if isinstance(drawing, Card):
        return {"cardData": {"cardParamMap": own_card(drawing)}}
    return message(drawing, link)


def card_data(card: Card, template: str, *, note: str = "") -> dict[str, str]:
    """The variables of `template`. `note`: a line for one viewer; in our own template it belongs into private data."""
    return public_card(card, note=note) if template == PUBLIC_TEMPLATE else own_card(card, note=note)


def message(text: Text, link: str) -> Body:
    """`msgKey` and `msgParam`: markdown; a link to the hub (`link`) alone in the last line becomes a button."""
    above, words, address = without_last_link(text.markdown, link)
    title = title_of(text.markdown)
    if not address:
        return _body("sampleMarkdown", {"title": title, "text": fitted(text.markdown, link, PARAM_BYTES - _AROUND)})
    shown = fitted(above, link, PARAM_BYTES - _AROUND - len(address.encode()))
    param = {"title": title, "text": shown, "singleTitle": words[:_BUTTON], "singleURL": address}
    return _body("sampleActionCard", param)


def _body(kind: str, param: dict[str, str]) -> Body:
    return {"msgKey": kind, "msgParam": compact(param)}
