"""One-time 订阅通知 of the service account: one message for each tap that allowed one, to who need not follow."""

from __future__ import annotations

from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.sending import Sender
from bot.channels.wechat_oa import render
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.weixin is not None and bool(settings.weixin.notices)


def _open(tools: Tools) -> Sender | None:
    if tools.settings.weixin is None or not tools.settings.weixin.notices:
        return None
    from bot.channels.wechat_subscribe.client import NoticeSender

    return NoticeSender(tools.settings.weixin, tools.redis)


CHANNEL: Final = Channel(render.render, _configured, _open)
