"""Neutral text as a custom robot's webhook takes it. A card comes here as text, for nothing can be pressed."""

from __future__ import annotations

from typing import Final

from bot.card import Card, Drawing, Text, as_text
from bot.channels.dingtalk.markdown import fitted, title_of, without_last_link
from bot.channels.sending import Body

MOST_BYTES: Final = 20_000
_AROUND: Final = 1_500  # of them for title, link, called people and brackets
_BUTTON: Final = 20


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """`msgUuid` is what the platform knows a double by."""
    text = as_text(drawing) if isinstance(drawing, Card) else drawing
    return {**_content(text, link), "msgUuid": task_id}


def _content(text: Text, link: str) -> Body:
    """markdown, or with a link to the hub alone in the last line an actionCard whose button it is."""
    above, words, address = without_last_link(text.markdown, link)
    called = text.calls.get("dingtalk", "")
    title = title_of(text.markdown)
    shown = fitted(above if address else text.markdown, link, MOST_BYTES - _AROUND - len(address.encode()))
    # Who is called is told only where the id stands in the text as well.
    shown = f"@{called} {shown}" if called else shown
    at = {"at": {"atUserIds": [called], "isAtAll": False}} if called else {}
    if not address:
        return {"msgtype": "markdown", "markdown": {"title": title, "text": shown}, **at}
    card = {"title": title, "text": shown, "singleTitle": words[:_BUTTON], "singleURL": address}
    return {"msgtype": "actionCard", "actionCard": card, **at}
