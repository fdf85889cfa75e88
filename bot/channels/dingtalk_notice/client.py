"""The Sender of work notices. Its success means no more than that the platform has taken the task."""

from __future__ import annotations

from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels.dingtalk.api import DingApi
from bot.channels.dingtalk.errors import NO_SUCH_FILE
from bot.channels.dingtalk.quota import Kind
from bot.channels.dingtalk_hook.errors import NO_CHANGE
from bot.channels.dingtalk_notice.render import render
from bot.channels.pace import Pace
from bot.channels.sending import REDIS_AWAY, Change, Parcel, Receipt, SendError
from config_chat import DingTalk

_SEND: Final = "topapi/message/corpconversation/asyncsend_v2"


class NoticeSender:
    """A paid call each."""

    def __init__(self, settings: DingTalk, redis: Redis, link: str, api: DingApi | None = None) -> None:
        self._settings = settings
        self._link = link
        self._api = api or DingApi(settings, redis)
        self._pace = Pace(redis, "dingtalk_notice")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds(recipient.split("|"))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        if not isinstance(parcel.drawing, Card | Text):
            raise SendError(NO_SUCH_FILE)
        self._api.quota.check(Kind.CALLS, urgent=parcel.urgent)
        body = {
            "agent_id": self._settings.agent_id,
            "userid_list": parcel.recipient.replace("|", ","),
            "msg": render(parcel.drawing, parcel.key, self._link),
        }
        return Receipt(str(self._api.call("POST", _SEND, body).get("task_id", "")))

    def change(self, change: Change) -> None:
        raise SendError(NO_CHANGE)
