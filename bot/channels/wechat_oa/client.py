"""Template messages of the service account through wechatpy's client, with the platform's own duplicate guard."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError
from wechatpy.client import WeChatClient

from bot.channels import calling
from bot.channels.pace import Pace
from bot.channels.sending import REDIS_AWAY, Change, Form, Parcel, Receipt, SendError
from bot.channels.tokens import TIMEOUT, Http, TokenStorage, refreshed
from bot.channels.wechat_oa.errors import CODES, NO_TEMPLATE
from bot.channels.wechat_oa.render import template_body
from config_chat import Weixin


class OfficialApi(WeChatClient):  # type: ignore[misc]
    """wechatpy's client. Its own retry never ends on a lasting token error, so it stays off."""

    def __init__(self, settings: Weixin, redis: Redis) -> None:
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
        self._settings = settings
        self._api = OfficialApi(settings, redis)
        self._pace = Pace(redis, "wechat_oa", per_minute=600, per_hour=20_000)

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds(("account",))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        if not isinstance(parcel.drawing, Form):
            raise SendError(NO_TEMPLATE)
        filled = template_body(parcel.drawing, self._settings.templates)
        body = {"touser": parcel.recipient, "client_msg_id": parcel.key, **filled}
        answer = calling.call(self._api, "message/template/send", body, CODES)
        return Receipt(str(answer.get("msgid", "")))  # exceeds 32 bits: kept as text

    def change(self, change: Change) -> None:
        raise NotImplementedError("a template message cannot be changed")
