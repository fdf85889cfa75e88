"""The self-built app 自建应用: 1:1 chats, cards that can be changed later by a one-use code."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.channels.channel import Channel, Edits, Tools
from bot.channels.sending import Sender
from bot.channels.wecom_app import render
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.wecom is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.wecom is None:
        return None
    from bot.channels.wecom_app.client import AppSender

    return AppSender(tools.settings.wecom, tools.redis, tools.settings.hub.base_url)


_DOUBLE: Final = timedelta(hours=4)  # media.DOUBLE_SECONDS
CHANNEL: Final = Channel(
    render.render, _configured, _open, edits=Edits.BY_CODE, knows_card=_DOUBLE, knows_text=_DOUBLE, files=True
)
