"""The chat channels, by the slug that stands in the database. A new one: a folder with the same file names, one line.

`open_sender` imports the channel's client late: the web process answers without any client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from redis import Redis

from bot.card import Drawing
from bot.channels.sending import Body, Sender
from bot.channels.wechat_oa import render as wechat_oa
from bot.channels.wecom_app import render as wecom_app
from bot.channels.wecom_bot import render as wecom_bot
from config import Settings

if TYPE_CHECKING:
    from bot.channels.wecom_bot.connection import Link


class Render(Protocol):
    def __call__(self, drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a sender may be made of. `link` is the bot's long connection, where this process holds it."""

    settings: Settings
    redis: Redis
    link: Callable[[], Link | None] | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """`open_sender` gives None where the settings or this process cannot send on the channel."""

    render: Render
    open_sender: Callable[[Tools], Sender | None]


def _wecom_app(tools: Tools) -> Sender | None:
    if tools.settings.wecom is None:
        return None
    from bot.channels.wecom_app.client import AppSender

    return AppSender(tools.settings.wecom, tools.redis, tools.settings.hub.base_url)


def _wecom_bot(tools: Tools) -> Sender | None:
    if tools.settings.bot is None or tools.link is None:
        return None
    from bot.channels.wecom_bot.client import BotSender

    return BotSender(tools.link, tools.redis, tools.settings.hub.base_url)


def _wechat_oa(tools: Tools) -> Sender | None:
    if tools.settings.weixin is None:
        return None
    from bot.channels.wechat_oa.client import OfficialSender

    return OfficialSender(tools.settings.weixin, tools.redis)


CHANNELS: Final[dict[str, Channel]] = {
    "wecom_app": Channel(wecom_app.render, _wecom_app),
    "wecom_bot": Channel(wecom_bot.render, _wecom_bot),
    "wechat_oa": Channel(wechat_oa.render, _wechat_oa),
}
