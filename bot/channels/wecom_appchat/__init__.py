"""A group that the self-built app made itself: it writes there, texts and links alone, and hears nothing."""

from __future__ import annotations

from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.sending import Sender
from bot.channels.wecom_appchat import render
from config import Settings


def _configured(settings: Settings) -> bool:
    return bool(_group(settings))


def _open(tools: Tools) -> Sender | None:
    if tools.settings.wecom is None or not tools.settings.wecom.appchat:
        return None
    from bot.channels.wecom_appchat.client import AppChatSender

    return AppChatSender(tools.settings.wecom, tools.redis, tools.settings.hub.base_url)


def _group(settings: Settings) -> str:
    return settings.wecom.appchat if settings.wecom else ""


CHANNEL: Final = Channel(render.render, _configured, _open, group=_group, files=True)
