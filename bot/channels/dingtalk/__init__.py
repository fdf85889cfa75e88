"""The robot of an internal application 钉钉企业内部应用: groups and 1:1, cards that can be changed by their own id."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.channels.channel import Channel, Edits, Tools
from bot.channels.dingtalk import render
from bot.channels.sending import Sender
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.dingtalk is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.dingtalk is None:
        return None
    from bot.channels.dingtalk.client import DingSender

    return DingSender(tools.settings.dingtalk, tools.redis, tools.settings.hub.base_url)


def _group(settings: Settings) -> str:
    return settings.dingtalk.group if settings.dingtalk else ""


CHANNEL: Final = Channel(
    render.render, _configured, _open, group=_group, edits=Edits.ALWAYS, knows_card=timedelta.max, files=True
)
