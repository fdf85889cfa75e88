"""Whether the bot's answers are of use: what people say by the thumbs below them, counted by the command."""

from __future__ import annotations

from typing import Final

from bot.channels.wecom_bot.parse import Feedback
from bot.router import once
from handlers import commands
from handlers.desk import Desk
from handlers.incoming import Incoming
from handlers.reports import feedback

KINDS: Final = {1: feedback.USEFUL, 2: feedback.USELESS, 3: feedback.WITHDRAWN}


def about(incoming: Incoming) -> str:
    """The slug of the command that a message is, "" for none: it goes out with the answer and comes back with what
    people say of it."""
    asked = commands.read(incoming.text, incoming.quoted) if incoming.press is None else None
    return asked.slug if asked is not None else ""


def keep(desk: Desk, told: Feedback) -> None:
    """Count it, a repeat of it not. The platform takes no answer."""
    kind = KINDS.get(told.kind)
    if kind is None:
        return
    once(desk, (feedback.PLATFORM, told.message_id), lambda: feedback.keep(desk, kind, _called(told.about)))


def _called(slug: str) -> str:
    command = commands.COMMANDS.get(slug)
    if command is None:
        return ""
    return command.names[0] if command.names else command.usage.partition(" ")[0]
