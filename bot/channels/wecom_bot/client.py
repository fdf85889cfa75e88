"""Pushes into groups and 1:1 chats over the long connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels.pace import Pace
from bot.channels.sending import REDIS_AWAY, Body, Change, Enclosed, Parcel, Receipt, SendError
from bot.channels.wecom_bot.connection import Link
from bot.channels.wecom_bot.errors import NO_CHANGE, NOT_CONNECTED
from bot.channels.wecom_bot.media import Media
from bot.channels.wecom_bot.render import render

_SINGLE, _GROUP = 1, 2

_TAKEN: Final = 40058


class BotSender:
    """The Sender of the bot. `link` gives the live connection, None while there is none."""

    def __init__(self, link: Callable[[], Link | None], redis: Redis, board: str, bot_id: str = "") -> None:
        self._link = link
        self._board = board
        self._media = Media(redis, bot_id)
        self._pace = Pace(redis, "wecom_bot")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        link = self._link()
        if link is None:
            raise SendError(NOT_CONNECTED)
        content = self._content(link, parcel)
        chat = {"chatid": parcel.recipient, "chat_type": _GROUP if parcel.is_group else _SINGLE}
        try:
            link.request("aibot_send_msg", {**chat, **content})
        except SendError as error:
            # A card's task id is taken once: after a lost ack, "invalid parameter" says that it had arrived.
            if parcel.again and error.code == _TAKEN:
                return Receipt(problem="重发时平台已有这张卡片")
            raise
        return Receipt()

    def _content(self, link: Link, parcel: Parcel) -> Body:
        """What is said; a file is uploaded first."""
        assert isinstance(parcel.drawing, Card | Text | Enclosed)
        if not isinstance(parcel.drawing, Enclosed):
            return render(parcel.drawing, parcel.key, self._board)
        kept = self._media.kept(link, parcel.drawing)
        return {"msgtype": kept.kind, kept.kind: {"media_id": kept.media_id}}

    def change(self, change: Change) -> None:
        raise SendError(NO_CHANGE)
