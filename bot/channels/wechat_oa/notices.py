"""What one-time notices have in common, the service account's 订阅通知 and a mini program's 订阅消息: sent by a filled
template, each spends one permission, none can be changed."""

from __future__ import annotations

from typing import Any, ClassVar

from redis import Redis
from redis.exceptions import RedisError

from bot.channels import calling
from bot.channels.pace import Pace
from bot.channels.sending import NO_TEMPLATE, REDIS_AWAY, Change, Form, Parcel, Receipt, SendError
from bot.channels.wechat_oa.client import OfficialApi
from bot.channels.wechat_oa.errors import NOTICE_CODES
from bot.channels.wechat_oa.render import template_body


class Notices:
    """The Sender of such notices; `channel` names the template that fits, `path` where they go."""

    channel: ClassVar[str]
    path: ClassVar[str]

    def __init__(self, api: OfficialApi, redis: Redis) -> None:
        self._api = api
        self._pace = Pace(redis, self.channel)

    def page(self, url: str) -> str:
        """What a tap opens, "" for nothing; `url`: the page that the notice itself names."""
        raise NotImplementedError

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        if not isinstance(parcel.drawing, Form):
            raise SendError(NO_TEMPLATE)
        body: dict[str, Any] = {"touser": parcel.recipient, **template_body(parcel.drawing, self.channel)}
        page = self.page(str(body.pop("url", "")))
        answer = calling.call(self._api, self.path, body | ({"page": page} if page else {}), NOTICE_CODES)
        return Receipt(str(answer.get("msgid", "")))

    def change(self, change: Change) -> None:
        raise NotImplementedError("a notice cannot be changed")
