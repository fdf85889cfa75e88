"""Neutral card and text as the bot answers and pushes them."""

from __future__ import annotations

import hashlib
from typing import Final

from bot.card import Card, Drawing, Text
from bot.channels.sending import Body
from bot.channels.template_card import BOT, safe_task_id, template_card
from bot.channels.wecom_app.render import plain
from bot.phrases import bold_as, cut_bytes, printable

MOST_BYTES: Final = 20480


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """A push: `msgtype` and its content."""
    if isinstance(drawing, Card):
        return {"msgtype": "template_card", "template_card": template_card(drawing, task_id, link, BOT, update=update)}
    return {"msgtype": "markdown", "markdown": {"content": _markdown(drawing)}}


def reply(drawing: Drawing, message_id: str, link: str, about: str = "") -> Body:
    """The answer to a message: a card, or a stream that is finished at once."""
    if isinstance(drawing, Card):
        return render(drawing, reply_task_id(drawing, message_id), link)
    return begun(growing(stream_id(message_id), drawing.markdown, finish=True), about)


def growing(stream: str, words: str, *, finish: bool = False) -> Body:
    """A stream's text as it is now; the platform asks for more until `finish`."""
    return {"msgtype": "stream", "stream": {"id": stream, "finish": finish, "content": _markdown(Text(words))}}


def begun(stream: Body, about: str = "") -> Body:
    """The first words of a stream: whoever reads them can say whether they were of use. `about` comes back with it."""
    part = stream["stream"]
    return {**stream, "stream": {**part, "feedback": {"id": f"{part['id']}.{about}" if about else part["id"]}}}


def with_card(card: Card, message_id: str, link: str) -> Body:
    """What makes a stream one that brings a card, once for each message."""
    return {"msgtype": "stream_with_template_card"} | {
        "template_card": template_card(card, reply_task_id(card, message_id), link, BOT)
    }


def stream_id(message_id: str) -> str:
    """The same for a repeated message."""
    return _short(message_id)


def welcome(drawing: Drawing, message_id: str, link: str) -> Body:
    """The answer to somebody who opens the chat: a card or plain text; no stream is taken there."""
    if isinstance(drawing, Card):
        return render(drawing, reply_task_id(drawing, message_id), link)
    return {"msgtype": "text", "text": {"content": plain(drawing)}}


def update(card: Card, task_id: str, link: str, userids: tuple[str, ...]) -> Body:
    """The answer to a press; with `userids` only their copies in the group change."""
    found: Body = {"response_type": "update_template_card"}
    if userids:
        found["userids"] = list(userids)
    return found | {"template_card": template_card(card, task_id, link, BOT, update=True)}


def reply_task_id(card: Card, message_id: str) -> str:
    """The same for a repeated message, so that its answer is the same card."""
    return safe_task_id(f"{card.subject}-r{card.revision}-{_short(message_id)}")


def _short(message_id: str) -> str:
    return hashlib.blake2b(message_id.encode(), digest_size=12).hexdigest()


def _markdown(text: Text) -> str:
    """Who is called stands behind the words, and is never cut off."""
    called = text.calls.get("wecom", "")
    call = f"\n<@{called}>" if called else ""
    words = bold_as(printable(text.markdown), r"**\1**", "＊")
    return (cut_bytes(words, MOST_BYTES - len(call.encode())) or "（空）") + call
