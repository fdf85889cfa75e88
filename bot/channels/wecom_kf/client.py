"""Reads what customers wrote to 微信客服, and writes to them within the window that their last message opened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text, as_text
from bot.channels import calling
from bot.channels.pace import Pace
from bot.channels.sending import NO_TEMPLATE, REDIS_AWAY, Body, Change, Form, Parcel, Receipt, SendError
from bot.channels.tokens import TIMEOUT
from bot.channels.wecom_app.api import WorkApi
from bot.channels.wecom_app.render import plain
from bot.channels.wecom_kf.errors import CODES
from bot.phrases import cut_bytes
from config_customers import Kf

_BYTES: Final = 2048
_PAGE: Final = 200


class KfSender:
    """The Sender of 微信客服; `read` gives what came. Every method may raise SendError."""

    def __init__(self, settings: Kf, corpid: str, redis: Redis) -> None:
        self._open_kfid = settings.open_kfid
        self._api = WorkApi((corpid, settings.secret), settings.gateway, redis, TIMEOUT)
        self._pace = Pace(redis, "wecom_kf")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        words = cut_bytes(_words(parcel), _BYTES)
        body: Body = {
            "touser": parcel.recipient, "open_kfid": self._open_kfid, "msgid": _msgid(parcel.key), "msgtype": "text",
            "text": {"content": words},
        }  # fmt: skip
        answer = calling.call(self._api, "kf/send_msg", body, CODES)
        return Receipt(str(answer.get("msgid", "")))

    def change(self, change: Change) -> None:
        raise NotImplementedError("a message in 微信客服 cannot be changed")

    def read(self, cursor: str, token: str) -> tuple[list[Mapping[str, Any]], str, bool]:
        """Messages after `cursor`, where the next ones begin, and whether there are more. `token`: of the event, "" for
        a look without one."""
        body: Body = {"open_kfid": self._open_kfid, "limit": _PAGE}
        body |= {"cursor": cursor} if cursor else {}
        body |= {"token": token} if token else {}
        answer = calling.call(self._api, "kf/sync_msg", body, CODES)
        listed = answer.get("msg_list")
        found: list[Mapping[str, Any]] = []
        if isinstance(listed, list):
            found = [one for one in listed if isinstance(one, dict)]
        return found, str(answer.get("next_cursor", "")) or cursor, bool(answer.get("has_more") == 1)


def _words(parcel: Parcel) -> str:
    drawing = parcel.drawing
    if isinstance(drawing, Form) and drawing.words:
        return drawing.words
    if isinstance(drawing, Card | Text):
        return plain(as_text(drawing) if isinstance(drawing, Card) else drawing)
    raise SendError(NO_TEMPLATE)


def _msgid(key: str) -> str:
    """At most 32 of letters, figures, _ and -, the same for the same message."""
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
