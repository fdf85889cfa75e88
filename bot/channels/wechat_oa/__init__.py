"""The service account 服务号: template messages to customers, and what customers write."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.sending import Sender
from bot.channels.wechat_oa import render
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.weixin is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.weixin is None:
        return None
    from bot.channels.wechat_oa.client import OfficialSender

    return OfficialSender(tools.settings.weixin, tools.redis)


CHANNEL: Final = Channel(render.render, _configured, _open, knows_text=timedelta(minutes=10))
