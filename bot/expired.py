"""What is said to a press that no key of ours signed: most likely the card is older than a change of `button_key`. It
does nothing. Whoever pressed gets the card as it stands, with buttons that work, or hears what to send for a new one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import text

from bot.card import Card
from bot.owed import current_card
from bot.router import tolerated
from handlers.desk import Desk
from handlers.incoming import Incoming
from handlers.people import find_actor, refuse_unknown
from models.case import short_code
from models.people import platform_of

log = structlog.get_logger()
_GONE: Final = "这张卡片已过期，发「{}」取新的"
_HERE: Final = "这张卡片已过期，已换成现在的样子"
_AGAIN: Final = "这张卡片已过期，按钮已换新，请再按一次"
_OWN: Final = "我的"  # what leads to all that is somebody's, where nothing tells which card it was
_ABOUT: Final = re.compile(r"([a-z]+)-(\d{1,18})-r\d+-")  # how the ids begin that we give to cards
_TAG: Final = text("SELECT tag FROM orders WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Expired:
    """`card`: the pressed card as it stands, None where it cannot be drawn. `subject`: "" where it is not known."""

    words: str
    subject: str = ""
    card: Card | None = None


def expired(desk: Desk, incoming: Incoming, task_id: str) -> Expired:
    """`task_id`: the pressed card's own id, which the platform tells and we gave."""
    log.warning("press_ignored", why="no key of ours", channel=incoming.channel)
    if find_actor(desk, incoming.sender, incoming.channel) is None:
        return Expired(refuse_unknown())
    subject = _subject(task_id)
    reader = "" if incoming.is_group else incoming.sender
    card = tolerated(desk, lambda: current_card(desk, subject, reader, incoming.channel)) if subject else None
    if card is None:
        return Expired(_GONE.format(_called(desk, incoming) + _word(desk, subject)), subject)
    is_open = not card.done_text and bool(card.buttons or card.menu or card.submit)
    return Expired(_AGAIN if is_open else _HERE, subject, card)


def _subject(task_id: str) -> str:
    found = _ABOUT.match(task_id)
    return f"{found[1]}:{found[2]}" if found is not None else ""


def _word(desk: Desk, subject: str) -> str:
    """What brings the card again."""
    kind, _, number = subject.partition(":")
    if kind == "case":
        return short_code(int(number))
    if kind == "order":
        return desk.session.execute(_TAG, {"id": int(number)}).scalar() or _OWN
    return _OWN


def _called(desk: Desk, incoming: Incoming) -> str:
    """In a group the robot hears only what calls it."""
    settings = desk.settings
    robot = settings.dingtalk if platform_of(incoming.channel) == "dingtalk" else settings.bot
    return f"@{robot.name} " if incoming.is_group and robot is not None else ""
