"""Sends into a group by its webhook: no token, the key in the address is the secret (wecom.md 6.2)."""

from __future__ import annotations

import requests
from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels import calling
from bot.channels.pace import Pace
from bot.channels.patience import Patience
from bot.channels.sending import REDIS_AWAY, UNREACHABLE, Body, Change, Parcel, Receipt, SendError
from bot.channels.tokens import Http
from bot.channels.wecom_bot.errors import NO_CHANGE
from bot.channels.wecom_hook.errors import CODES
from bot.channels.wecom_hook.render import render
from config_chat import WecomHook


class HookSender:
    """The Sender. The platform tells no double apart: what may have arrived may come twice."""

    def __init__(self, settings: WecomHook, redis: Redis, link: str) -> None:
        self._settings = settings
        self._link = link
        self._http = Http(settings.gateway)
        self._pace = Pace(redis, "wecom_hook")
        self._patience = Patience(redis, "wecom_hook")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        assert isinstance(parcel.drawing, Card | Text)
        with self._patience:
            self._post(render(parcel.drawing, parcel.key, self._link))
        return Receipt()

    def change(self, change: Change) -> None:
        raise SendError(NO_CHANGE)

    def _post(self, body: Body) -> None:
        """Raises SendError, whose text never holds the address: its key is a secret."""
        address = f"{self._settings.gateway}/cgi-bin/webhook/send"
        try:
            answer = self._http.post(address, params={"key": self._settings.key}, json=body)
            answer.raise_for_status()
            told = answer.json()
            code = int(told.get("errcode", 0))
        except (requests.RequestException, ValueError, TypeError, AttributeError) as error:
            raise SendError(UNREACHABLE, unknown=not calling.never_left(error)) from None
        if code:
            raise SendError(CODES.get(code, calling.UNKNOWN_CODE), code)
