"""Sends a one-time notice through the service account's client."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError

from bot.channels import calling
from bot.channels.pace import Pace
from bot.channels.sending import NO_TEMPLATE, REDIS_AWAY, Change, Form, Parcel, Receipt, SendError
from bot.channels.wechat_oa.client import OfficialApi
from bot.channels.wechat_oa.errors import NOTICE_CODES
from bot.channels.wechat_oa.render import template_body
from config_chat import Weixin


class NoticeSender:
    """The Sender of 订阅通知."""

    def __init__(self, settings: Weixin, redis: Redis) -> None:
        self._api = OfficialApi(settings, redis)
        self._pace = Pace(redis, "wechat_subscribe")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        if not isinstance(parcel.drawing, Form):
            raise SendError(NO_TEMPLATE)
        filled = template_body(parcel.drawing, "wechat_subscribe")
        page = {"page": filled.pop("url")} if "url" in filled else {}
        body = {"touser": parcel.recipient, **filled, **page}
        answer = calling.call(self._api, "message/subscribe/bizsend", body, NOTICE_CODES)
        return Receipt(str(answer.get("msgid", "")))

    def change(self, change: Change) -> None:
        raise NotImplementedError("a notice cannot be changed")
