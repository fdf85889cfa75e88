"""消息推送 of a group, a webhook: it only writes. The group's last resort."""

from __future__ import annotations

from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.sending import Sender
from bot.channels.wecom_hook import render
from config import Settings

GROUP: Final = "hook"
"""The group has no id of its own here: the key in the address stands for it."""


def _configured(settings: Settings) -> bool:
    return settings.wecom_hook is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.wecom_hook is None:
        return None
    from bot.channels.wecom_hook.client import HookSender

    return HookSender(tools.settings.wecom_hook, tools.redis, tools.settings.hub.base_url)


def _group(settings: Settings) -> str:
    return GROUP if settings.wecom_hook is not None else ""


CHANNEL: Final = Channel(render.render, _configured, _open, group=_group)
