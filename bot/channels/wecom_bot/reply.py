"""Sends to the address that came with a message (response_url): where the bot has a URL it cannot push, so this is how
what took longer gets back into its chat. A card goes into a group only where the settings say so: its rung asks."""

from __future__ import annotations

from typing import Final

import requests
from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels.calling import never_left
from bot.channels.pace import Pace
from bot.channels.sending import (
    REDIS_AWAY,
    UNREACHABLE,
    Change,
    Enclosed,
    Parcel,
    Reaction,
    Receipt,
    Resolution,
    SendError,
    Whose,
)
from bot.channels.tokens import Http
from bot.channels.wecom_bot.addresses import Address, Addresses
from bot.channels.wecom_bot.errors import CODES, NO_CHANGE, UNKNOWN_CODE
from bot.channels.wecom_bot.render import render
from config import Settings

NO_ADDRESS: Final = Resolution(Reaction.USED, Whose.PLATFORM, "机器人只能在收到消息后的一小时内回复")
_NO_FILE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "这种方式的机器人不能发送文件")
_TAKEN: Final = 40058


class ReplySender:
    """The Sender. A group that has a webhook is spoken to by that: what goes to an address quotes somebody's words."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self._addresses = Addresses(settings, redis)
        self._pace = Pace(redis, "wecom_bot")
        self._groups = settings.wecom_hook is None
        self._board = settings.hub.base_url

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        if isinstance(parcel.drawing, Enclosed):
            raise SendError(_NO_FILE)
        assert isinstance(parcel.drawing, Card | Text)
        if parcel.is_group and not self._groups:
            raise SendError(NO_ADDRESS)
        try:
            address = self._addresses.take(parcel.recipient)
        except RedisError:
            raise SendError(REDIS_AWAY) from None
        if address is None:
            raise SendError(NO_ADDRESS)
        try:
            return self._send(address.url, parcel)
        except SendError as error:
            if not error.unknown and not error.permanent:
                self._give_back(parcel.recipient, address)
            raise

    def _send(self, address: str, parcel: Parcel) -> Receipt:
        code = self._post(address, parcel)
        if code == _TAKEN and parcel.again and isinstance(parcel.drawing, Card):
            return Receipt(problem="重发时平台已有这张卡片")
        if code:
            raise SendError(CODES.get(code, UNKNOWN_CODE), code)
        return Receipt()

    def _give_back(self, chat: str, address: Address) -> None:
        """It took no message: the platform asked to wait, or never heard of this one."""
        try:
            self._addresses.give_back(chat, address)
        except RedisError:
            return  # then it is lost, and with it this way

    def change(self, change: Change) -> None:
        raise SendError(NO_CHANGE)

    def _post(self, address: str, parcel: Parcel) -> int:
        """The platform's code. Raises SendError, whose text never holds the address: it is a secret."""
        assert isinstance(parcel.drawing, Card | Text)
        body = render(parcel.drawing, parcel.key, self._board)
        try:
            with Http(address) as wire:
                answer = wire.post(address, json=body, allow_redirects=False)
            answer.raise_for_status()
            return int(answer.json().get("errcode", 0))
        except (requests.RequestException, ValueError, TypeError, AttributeError) as error:
            raise SendError(UNREACHABLE, unknown=not never_left(error)) from None
