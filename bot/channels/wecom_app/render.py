"""Neutral card and text as the self-built app sends them."""

from __future__ import annotations

import re
from typing import Final

from bot.card import Card, Drawing, Text
from bot.channels.sending import Body
from bot.channels.template_card import APP, template_card
from bot.phrases import bold_as, cut_bytes, printable

MOST_BYTES: Final = 2048
_LIST: Final = re.compile(r"^- ", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]\n]*)\]\((\S+?)\)")
_MARKS: Final = re.compile(r"`|^> |^#{1,6} |</?font[^>]*>", re.MULTILINE)
_MENTION: Final = re.compile(r"<@([^<>\s]+)>")


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """`msgtype` and its content; the caller adds who gets it."""
    if isinstance(drawing, Card):
        return {"msgtype": "template_card", "template_card": template_card(drawing, task_id, link, APP, update=update)}
    return {"msgtype": "markdown", "markdown": {"content": _markdown(drawing)}}


def plain(text: Text) -> str:
    """For passive replies, which know no markdown."""
    flat = bold_as(_LIST.sub("· ", _MENTION.sub(r"@\1", printable(text.markdown))), r"\1", "*")
    return cut_bytes(_LINK.sub(r'<a href="\2">\1</a>', _MARKS.sub("", flat)), MOST_BYTES) or "（空）"


def _markdown(text: Text) -> str:
    # The app's markdown has no lists.
    return cut_bytes(bold_as(_LIST.sub("· ", printable(text.markdown)), r"**\1**", "＊"), MOST_BYTES) or "（空）"
