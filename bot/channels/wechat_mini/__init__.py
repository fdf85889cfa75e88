"""The company's mini program: one 订阅消息 for each tap that allowed one."""

from __future__ import annotations

from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.sending import Sender
from bot.channels.wechat_oa import render
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.mini is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.mini is None:
        return None
    from bot.channels.wechat_mini.client import MiniSender

    return MiniSender(tools.settings.mini, tools.redis)


CHANNEL: Final = Channel(render.render, _configured, _open)
