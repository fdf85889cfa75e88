"""Template messages of the service account through wechatpy's client, with the platform's own duplicate guard."""

from __future__ import annotations

import time
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from wechatpy.client import WeChatClient

from bot.channels import calling
from bot.channels.pace import Pace
from bot.channels.sending import NO_TEMPLATE, REDIS_AWAY, Body, Change, Form, Parcel, Receipt, SendError
from bot.channels.tokens import TIMEOUT, Http, TokenStorage, refreshed
from bot.channels.wechat_oa.errors import CODES
from bot.channels.wechat_oa.render import template_body
from config_chat import Weixin
from config_customers import Mini

_QUOTA: Final = 45009
_DAY: Final = 24 * 3600
_BEIJING: Final = 8 * 3600


class OfficialApi(WeChatClient):  # type: ignore[misc]
    """wechatpy's client. Its own retry never ends on a lasting token error, so it stays off."""

    def __init__(self, settings: Weixin | Mini, redis: Redis) -> None:
        self._storage = TokenStorage(redis, settings.secret)
        super().__init__(settings.appid, settings.secret, session=self._storage, timeout=TIMEOUT, auto_retry=False)
        self.API_BASE_URL = f"{settings.gateway}/cgi-bin/"
        self._http = Http(settings.gateway)

    def fetch_access_token(self) -> None:
        """Called by wechatpy when the storage has no token."""
        refreshed(self._storage, self.access_token_key, None, self._fetch)

    def renew(self, failed: str) -> None:
        refreshed(self._storage, self.access_token_key, failed, self._fetch)

    def _fetch(self) -> None:
        asked = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        self._fetch_access_token(f"{self.API_BASE_URL}token", asked)


class OfficialSender:
    """The Sender of the service account. Each process asks for 10 messages a second at most, far below any limit."""

    def __init__(self, settings: Weixin, redis: Redis) -> None:
        self._api, self._redis = OfficialApi(settings, redis), redis
        self._paused = f"hub:paused:{settings.appid}"
        self._pace = Pace(redis, "wechat_oa", per_minute=600, per_hour=20_000)

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._paused_seconds() or self._pace.wait_seconds(("account",))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        if not isinstance(parcel.drawing, Form):
            raise SendError(NO_TEMPLATE)
        filled = template_body(parcel.drawing, "wechat_oa")
        body = {"touser": parcel.recipient, "client_msg_id": parcel.key, **filled}
        answer = self._call("message/template/send", body)
        return Receipt(str(answer.get("msgid", "")))  # exceeds 32 bits: kept as text

    def _call(self, path: str, body: Body) -> Body:
        try:
            return calling.call(self._api, path, body, CODES)
        except SendError as error:
            if error.code == _QUOTA:
                self._pause()
            raise

    def _pause(self) -> None:
        """The day's quota is used up: nothing is tried until it begins anew, at midnight in Beijing."""
        now = time.time()
        left = _DAY - (now + _BEIJING) % _DAY
        self._redis.set(self._paused, int(now + left), ex=int(left) + 1)

    def _paused_seconds(self) -> float:
        until = self._redis.get(self._paused)
        return max(float(until) - time.time(), 0.0) if until is not None else 0.0

    def change(self, change: Change) -> None:
        raise NotImplementedError("a template message cannot be changed")
