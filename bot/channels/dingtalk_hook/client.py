"""The Sender of a group's custom robot: one signed POST for each message."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from typing import Any, Final

import requests
import structlog
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels.channel import Tools
from bot.channels.dingtalk.errors import NO_SUCH_FILE
from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk_hook.errors import CODES, NO_CHANGE, TOO_FAST, UNKNOWN_CODE
from bot.channels.dingtalk_hook.render import render
from bot.channels.pace import Pace
from bot.channels.sending import REDIS_AWAY, UNREACHABLE, Body, Change, Parcel, Receipt, SendError
from bot.channels.tokens import TIMEOUT, Http

log = structlog.get_logger()
_SHUT_OUT: Final = "hub:dingtalk_hook:shut_out"


class HookSender:
    """A unit of the month's Webhook & Stream each. The same key again is told apart by the platform."""

    def __init__(self, tools: Tools, clock: Callable[[], float] = time.time) -> None:
        settings = tools.settings.dingtalk_hook
        assert settings is not None
        self._settings = settings
        self._link = tools.settings.hub.base_url
        self._clock = clock
        self._redis = tools.redis
        self._pace = Pace(tools.redis, "dingtalk_hook")
        app = tools.settings.dingtalk
        self._quota = Quota(tools.redis, app) if app is not None else None
        self._http = Http(settings.gateway)

    def wait_seconds(self, recipient: str) -> float:
        """Nothing is counted while the robot is shut out either."""
        try:
            left: Any = self._redis.ttl(_SHUT_OUT)
            return float(left) if left > 0 else self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        if not isinstance(parcel.drawing, Card | Text):
            raise SendError(NO_SUCH_FILE)
        if self._quota is not None:
            self._quota.check(Kind.UNITS, urgent=parcel.urgent)
        self._post(render(parcel.drawing, parcel.key, self._link))
        if self._quota is not None:
            self._quota.count(Kind.UNITS)
        return Receipt()

    def change(self, change: Change) -> None:
        raise SendError(NO_CHANGE)

    def _post(self, body: Body) -> None:
        """Raises SendError, whose text holds neither address nor token. Success and failure are both HTTP 200."""
        stamp = str(int(self._clock() * 1000))
        params = {"access_token": self._settings.token, "timestamp": stamp, "sign": sign(self._settings.secret, stamp)}
        try:
            answer = self._http.post(f"{self._settings.gateway}/robot/send", params=params, json=body, timeout=TIMEOUT)
            answer.raise_for_status()
            code = int(answer.json()["errcode"])
        except (requests.ConnectionError, requests.Timeout) as error:
            never_left = isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError)
            raise SendError(UNREACHABLE, unknown=not never_left) from None
        except (requests.RequestException, ValueError, KeyError, TypeError):
            raise SendError(UNREACHABLE, unknown=True) from None
        if code == TOO_FAST:
            self._shut_out()
        if code:
            raise SendError(CODES.get(code, UNKNOWN_CODE), code)

    def _shut_out(self) -> None:
        """What waits behind this message need not ask the platform again."""
        try:
            self._redis.set(_SHUT_OUT, 1, ex=CODES[TOO_FAST].wait_seconds)
        except RedisError as error:
            log.warning("shut_out_not_noted", error=type(error).__name__)


def sign(secret: str, stamp: str) -> str:
    """`stamp`: milliseconds as text. Not yet quoted for an address."""
    digest = hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), "sha256")
    return base64.b64encode(digest).decode()
