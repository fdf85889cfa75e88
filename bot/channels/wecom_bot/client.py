"""Pushes into groups and 1:1 chats over the long connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels.pace import Pace
from bot.channels.patience import Patience
from bot.channels.sending import REDIS_AWAY, Body, Change, Enclosed, Parcel, Receipt, SendError
from bot.channels.wecom_app.errors import MEDIA_GONE
from bot.channels.wecom_bot.connection import Link
from bot.channels.wecom_bot.errors import NO_CHANGE, NOT_CONNECTED
from bot.channels.wecom_bot.media import Media
from bot.channels.wecom_bot.render import render

_SINGLE, _GROUP = 1, 2

_TAKEN: Final = 40058


class BotSender:
    """The Sender of the bot. `link` gives the live connection, None while there is none. `calls`: whether people can be
    called by our ids of them; a bot that is told encrypted ones knows nobody by those."""

    def __init__(
        self, link: Callable[[], Link | None], redis: Redis, board: str, bot_id: str = "", *, calls: bool = True
    ) -> None:
        self._calls = calls
        self._link = link
        self._board = board
        self._media = Media(redis, bot_id)
        self._pace = Pace(redis, "wecom_bot")
        self._redis = redis

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        link = self._link()
        if link is None:
            raise SendError(NOT_CONNECTED)
        try:
            return self._send(link, parcel, self._content(link, parcel))
        except SendError as error:
            if error.code != MEDIA_GONE or not isinstance(parcel.drawing, Enclosed):
                raise
        return self._send(link, parcel, self._media.kept(link, parcel.drawing, anew=True).content)

    def _send(self, link: Link, parcel: Parcel, content: Body) -> Receipt:
        chat = {"chatid": parcel.recipient, "chat_type": _GROUP if parcel.is_group else _SINGLE}
        try:
            with Patience(self._redis, f"wecom_bot:{parcel.recipient}"):  # the platform counts for each chat
                link.request("aibot_send_msg", {**chat, **content})
        except SendError as error:
            # A card's task id is taken once: after a lost ack, "invalid parameter" says that it had arrived.
            if parcel.again and error.code == _TAKEN and isinstance(parcel.drawing, Card):
                return Receipt(problem="重发时平台已有这张卡片")
            raise
        return Receipt()

    def _content(self, link: Link, parcel: Parcel) -> Body:
        """What is said; a file is uploaded first."""
        assert isinstance(parcel.drawing, Card | Text | Enclosed)
        if isinstance(parcel.drawing, Text) and not self._calls:
            return render(replace(parcel.drawing, calls={}), parcel.key, self._board)
        if not isinstance(parcel.drawing, Enclosed):
            return render(parcel.drawing, parcel.key, self._board)
        return self._media.kept(link, parcel.drawing).content

    def change(self, change: Change) -> None:
        raise SendError(NO_CHANGE)
