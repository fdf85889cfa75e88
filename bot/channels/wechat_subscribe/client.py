"""Sends a one-time notice through the service account's client."""

from __future__ import annotations

from redis import Redis

from bot.channels.wechat_oa.client import OfficialApi
from bot.channels.wechat_oa.notices import Notices
from config_chat import Weixin


class NoticeSender(Notices):
    """The Sender of 订阅通知."""

    channel = "wechat_subscribe"
    path = "message/subscribe/bizsend"

    def __init__(self, settings: Weixin, redis: Redis) -> None:
        super().__init__(OfficialApi(settings, redis), redis)

    def page(self, url: str) -> str:
        return url
