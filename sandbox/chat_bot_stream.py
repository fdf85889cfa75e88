"""Streams of the bot: one message whose text grows until it is finished (wecom.md 5.5, 5.6, 5.8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.chat_blocks import Surface
from sandbox.chat_bot import STREAM_LIFE, Bot
from sandbox.chat_cards import check
from sandbox.chat_errors import Refused
from sandbox.chat_store import Message

FEEDBACK_BYTES = 256


@dataclass
class Stream:
    id: str
    chat: str
    since: datetime  # the user's message
    quote: str = ""
    message: Message | None = None
    finished: bool = False
    card_given: bool = False
    feedback: str = ""


def _judged(stream: Stream, part: dict[str, Any]) -> dict[str, Any]:
    """Whether people may say what they think of it: asked for in the first reply only."""
    if "feedback" not in part:
        return {"feedback": stream.feedback} if stream.feedback else {}
    found = part["feedback"].get("id") if isinstance(part["feedback"], dict) else None
    if not isinstance(found, str) or not 0 < len(found.encode()) <= FEEDBACK_BYTES or stream.message is not None:
        raise Refused(40058, "invalid parameter: stream.feedback.id, up to 256 bytes, in the first reply")
    stream.feedback = found
    return {"feedback": found}


class Streams:
    """The streams opened in answer to one user message."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def write(self, stream: Stream, part: Any) -> Message:
        """Show the whole new text. Raises 846608 when the stream cannot be changed any more."""
        if not isinstance(part, dict):
            raise Refused(40058, "invalid parameter: stream")
        if stream.finished or self.bot.clock.now() - stream.since > STREAM_LIFE:
            raise Refused(846608, "stream message update expired (>6 minutes), cannot update")
        finish = part.get("finish", False)
        if not isinstance(finish, bool):
            raise Refused(40058, "invalid parameter: stream.finish")
        content = part.get("content", "")
        if content or finish:
            content = self.bot.content_of(part)
        elif not isinstance(content, str):
            raise Refused(44004, "empty content")
        body = {"content": content, "finish": finish} | _judged(stream, part)
        if stream.message is None:
            stream.message = self._open(stream, body)
        else:
            kept = {name: value for name, value in stream.message.body.items() if name == "template_card"}
            self.bot.store.replace(stream.message, kept | body, None)
        stream.finished = finish
        return stream.message

    def attach(self, stream: Stream, card: Any) -> None:
        """The card of stream_with_template_card, once per message."""
        if stream.card_given:
            raise Refused(40058, "invalid parameter: template_card was given already for this message")
        if stream.message is None:
            raise Refused(40058, "invalid parameter: stream.id is needed before the card")
        body = check(card, Surface(bot=True))
        self.bot.hold_task_id(body, stream.message)
        self.bot.store.replace(stream.message, stream.message.body | {"template_card": body}, None)
        stream.card_given = True

    def _open(self, stream: Stream, body: dict[str, Any]) -> Message:
        if not self.bot.limiter.take(stream.chat):
            raise Refused(45009, "api freq out of limit: 30/min and 1000/h per chat")
        return self.bot.store.add(stream.chat, "bot", "stream", body, quote=stream.quote)
