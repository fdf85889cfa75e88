"""What every channel is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from redis import Redis

from bot.card import Drawing
from bot.channels.sending import Body, Sender
from config import Settings

if TYPE_CHECKING:
    from bot.channels.wecom_bot.connection import Link


class Render(Protocol):
    def __call__(self, drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a sender may be made of. `link` is the bot's long connection, where this process holds it."""

    settings: Settings
    redis: Redis
    link: Callable[[], Link | None] | None = None


class Edits(StrEnum):
    """Whether a card that lies in a chat can be changed there."""

    NEVER = "never"  # but in the answer to a press on it
    BY_CODE = "by_code"  # once for each code that the platform gave
    ALWAYS = "always"  # by its own id


def no_group(_settings: Settings) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Channel:
    """`configured`: whether the settings name it. `open_sender` gives None where the settings or this process cannot
    send on it; it imports the client late, because the web process answers without any client. `group`: the platform's
    id of the home group, "" where it has none. `edits`: whether its cards can be changed. `knows_card`, `knows_text`:
    how long the platform takes the same card or text (by the parcel's key) for one that it has; without, nothing whose
    answer was lost is sent again, for it would stand there twice. `files`: it takes one."""

    render: Render
    configured: Callable[[Settings], bool]
    open_sender: Callable[[Tools], Sender | None]
    group: Callable[[Settings], str] = no_group
    edits: Edits = Edits.NEVER
    knows_card: timedelta = timedelta(0)
    knows_text: timedelta = timedelta(0)
    files: bool = False
