"""Work notices 工作通知: into each person's own list of notices, where the robot's 1:1 chat cannot be used."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.dingtalk_notice import render
from bot.channels.sending import Sender
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.dingtalk is not None and settings.dingtalk.agent_id is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.dingtalk is None or tools.settings.dingtalk.agent_id is None:
        return None
    from bot.channels.dingtalk_notice.client import NoticeSender

    return NoticeSender(tools.settings.dingtalk, tools.redis, tools.settings.hub.base_url)


# The same content to the same person on the same day is dropped; the day may end meanwhile.
_MEMORY: Final = timedelta(minutes=30)

CHANNEL: Final = Channel(render.render, _configured, _open, knows_card=_MEMORY, knows_text=_MEMORY)
