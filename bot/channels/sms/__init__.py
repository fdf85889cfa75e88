"""SMS, the last way: only for events that the settings call important."""

from __future__ import annotations

from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.sending import Sender
from bot.channels.wechat_oa import render
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.sms is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.sms is None:
        return None
    from bot.channels.sms.client import SmsSender
    from bot.channels.sms.providers import provider

    return SmsSender(provider(tools.settings.sms), tools.settings.sms.per_day, tools.redis)


CHANNEL: Final = Channel(render.render, _configured, _open)
