"""What every channel is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Channel:
    """`configured`: whether the settings name it. `open_sender` gives None where the settings or this process cannot
    send on it; it imports the client late, because the web process answers without any client."""

    render: Render
    configured: Callable[[Settings], bool]
    open_sender: Callable[[Tools], Sender | None]
