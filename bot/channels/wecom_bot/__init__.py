"""The smart bot 智能机器人: groups and 1:1, by a URL or over one long connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.sending import Sender
from bot.channels.wecom_bot import render
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.bot is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.bot is None:
        return None
    if tools.settings.bot.mode == "callback":
        from bot.channels.wecom_bot.reply import ReplySender

        return ReplySender(tools.settings, tools.redis)
    if tools.link is None:
        return None
    from bot.channels.wecom_bot.client import BotSender

    bot = tools.settings.bot
    plain = bot.userids == "plain"
    return BotSender(tools.link, tools.redis, tools.settings.hub.base_url, bot.bot_id, calls=plain)


def _group(settings: Settings) -> str:
    return settings.bot.group if settings.bot else ""


# A card's task id is taken once; two equal texts are two texts.
CHANNEL: Final = Channel(render.render, _configured, _open, group=_group, knows_card=timedelta.max, files=True)
