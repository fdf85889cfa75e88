"""Sends a mini program's 订阅消息. Its token and its people's ids are its own, not the service account's."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError

from bot.channels import calling
from bot.channels.pace import Pace
from bot.channels.sending import NO_TEMPLATE, REDIS_AWAY, Change, Form, Parcel, Receipt, SendError
from bot.channels.wechat_oa.client import OfficialApi
from bot.channels.wechat_oa.errors import NOTICE_CODES
from bot.channels.wechat_oa.render import template_body
from config_customers import Mini


class MiniSender:
    """The Sender of the mini program."""

    def __init__(self, settings: Mini, redis: Redis) -> None:
        self._api = OfficialApi(settings, redis)
        self._page = settings.page
        self._pace = Pace(redis, "wechat_mini")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        if not isinstance(parcel.drawing, Form):
            raise SendError(NO_TEMPLATE)
        filled = template_body(parcel.drawing, "wechat_mini")
        filled.pop("url", None)  # it opens its own pages alone
        page = {"page": self._page} if self._page else {}
        body = {"touser": parcel.recipient, **filled, **page}
        answer = calling.call(self._api, "message/subscribe/send", body, NOTICE_CODES)
        return Receipt(str(answer.get("msgid", "")))

    def change(self, change: Change) -> None:
        raise NotImplementedError("a notice cannot be changed")
