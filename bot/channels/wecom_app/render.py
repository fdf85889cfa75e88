"""Neutral card and text as the self-built app sends them."""

from __future__ import annotations

import re
from typing import Final

from bot.card import Card, Drawing, Text
from bot.channels.sending import Body
from bot.channels.template_card import APP, template_card
from bot.phrases import bold_as, cut_bytes, printable

MOST_BYTES: Final = 2048
ELSEWHERE: Final = "在应用会话里回复"
"""How to act on a card that lies in a group where nobody is heard."""

_LIST: Final = re.compile(r"^- ", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]\n]*)\]\((\S+?)\)")
_MARKS: Final = re.compile(r"`|^> |^#{1,6} |</?font[^>]*>", re.MULTILINE)
_MENTION: Final = re.compile(r"<@([^<>\s]+)>")


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """`msgtype` and its content; the caller adds who gets it."""
    if isinstance(drawing, Card):
        return {"msgtype": "template_card", "template_card": template_card(drawing, task_id, link, APP, update=update)}
    return {"msgtype": "markdown", "markdown": {"content": markdown(drawing, MOST_BYTES)}}


def plain(text: Text) -> str:
    """For passive replies, which know no markdown."""
    return cut_bytes(flat(text, r'<a href="\2">\1</a>'), MOST_BYTES) or "（空）"


def flat(text: Text, link: str) -> str:
    """Without markdown; a link becomes `link` (\\1 its words, \\2 its address)."""
    bare = bold_as(_LIST.sub("· ", _MENTION.sub(r"@\1", printable(text.markdown))), r"\1", "*")
    return _LINK.sub(link, _MARKS.sub("", bare))


def markdown(text: Text, most_bytes: int) -> str:
    """WeCom's own markdown, which has no lists. Who is called stands behind the text, and is never cut off."""
    called = text.calls.get("wecom", "")
    call = f"\n<@{called}>" if called else ""
    words = bold_as(_LIST.sub("· ", printable(text.markdown)), r"**\1**", "＊")
    return (cut_bytes(words, most_bytes - len(call.encode())) or "（空）") + call
