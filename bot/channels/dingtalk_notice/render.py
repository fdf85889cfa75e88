"""Neutral text as a work notice: another format than the robot's, and much shorter."""

from __future__ import annotations

import hashlib
from typing import Final

from bot.card import Card, Drawing, as_text
from bot.channels.dingtalk.markdown import fitted, title_of, without_last_link
from bot.channels.sending import Body

MOST_BYTES: Final = 2048  # of the whole message as JSON; another page says 5 000 characters
_AROUND: Final = 320  # of them for title, number and brackets
_BUTTON: Final = 20


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """The platform drops the same content to the same person on the same day without a word, so each message bears a
    number of its own; the same message again bears the same one, and is dropped rightly."""
    text = as_text(drawing) if isinstance(drawing, Card) else drawing
    above, words, address = without_last_link(text.markdown, link)
    most = MOST_BYTES - _AROUND - len(address.encode())
    shown = f"{fitted(above if address else text.markdown, link, most)}\n\n通知编号 {_number(task_id)}"
    title = title_of(text.markdown)
    if not address:
        return {"msgtype": "markdown", "markdown": {"title": title, "text": shown}}
    card = {"title": title, "markdown": shown, "single_title": words[:_BUTTON], "single_url": address}
    return {"msgtype": "action_card", "action_card": card}


def _number(task_id: str) -> str:
    return hashlib.blake2b(task_id.encode(), digest_size=4).hexdigest().upper()
