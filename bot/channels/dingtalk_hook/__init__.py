"""A group's custom robot 自定义机器人 (webhook): texts into that one group, where the app's robot cannot be used."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.dingtalk_hook import render
from bot.channels.sending import Sender
from config import Settings

GROUP: Final = "hook"  # the address alone says which group it is


def _configured(settings: Settings) -> bool:
    return settings.dingtalk_hook is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.dingtalk_hook is None:
        return None
    from bot.channels.dingtalk_hook.client import HookSender

    return HookSender(tools)


def _group(settings: Settings) -> str:
    return GROUP if settings.dingtalk_hook else ""


# By msgUuid; no page tells how long it is remembered.
_MEMORY: Final = timedelta(minutes=10)

CHANNEL: Final = Channel(render.render, _configured, _open, group=_group, knows_card=_MEMORY, knows_text=_MEMORY)
