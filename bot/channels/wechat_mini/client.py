"""Sends a mini program's 订阅消息. Its token and its people's ids are its own, not the service account's."""

from __future__ import annotations

from redis import Redis

from bot.channels.wechat_oa.client import OfficialApi
from bot.channels.wechat_oa.notices import Notices
from config_customers import Mini


class MiniSender(Notices):
    """The Sender of the mini program."""

    channel = "wechat_mini"
    path = "message/subscribe/send"

    def __init__(self, settings: Mini, redis: Redis) -> None:
        super().__init__(OfficialApi(settings, redis), redis)
        self._page = settings.page

    def page(self, url: str) -> str:
        return self._page  # it opens its own pages alone
