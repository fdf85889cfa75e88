"""Calls of the self-built app: wechatpy's client with our token storage and deadlines, errors by our table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redis import Redis
from wechatpy.work import WeChatClient

from bot.channels import calling
from bot.channels.sending import Body, Resolution
from bot.channels.tokens import TIMEOUT, Http, TokenStorage, refreshed
from bot.channels.wecom_app.errors import CODES
from config_chat import WecomApp

QUICK: Final = (0.5, 1.0)
"""Seconds to connect and to read, for whoever must answer a callback within two."""


class WorkApi(WeChatClient):  # type: ignore[misc]
    """wechatpy's client of one app. Its own retry never ends on a lasting token error, so it stays off."""

    def __init__(self, keys: tuple[str, str], gateway: str, redis: Redis, timeout: tuple[float, float]) -> None:
        """`keys`: the company's id and the application's secret."""
        self._storage = TokenStorage(redis, keys[1])
        super().__init__(*keys, session=self._storage, timeout=timeout, auto_retry=False)
        self.API_BASE_URL = f"{gateway}/cgi-bin/"
        self._http = Http(gateway)

    def fetch_access_token(self) -> None:
        """Called by wechatpy when the storage has no token."""
        refreshed(self._storage, self.access_token_key, None, self._fetch)

    def renew(self, failed: str) -> None:
        refreshed(self._storage, self.access_token_key, failed, self._fetch)

    def _fetch(self) -> None:
        secret = {"corpid": self.corp_id, "corpsecret": self.secret}
        self._fetch_access_token(f"{self.API_BASE_URL}gettoken", secret)


class App:
    """Every method gives the platform's answer, and raises SendError alone."""

    def __init__(self, settings: WecomApp, redis: Redis, timeout: tuple[float, float] = TIMEOUT) -> None:
        self.settings = settings
        self.redis = redis
        self._api = WorkApi((settings.corpid, settings.secret), settings.gateway, redis, timeout)

    def post(self, path: str, body: Body, codes: Mapping[int, Resolution] = CODES, **params: Any) -> Body:
        """`params`: of the address."""
        return calling.call(self._api, path, body, codes, params=params)

    def for_agent(self, path: str, body: Body, codes: Mapping[int, Resolution] = CODES) -> Body:
        """The same for interfaces that want the app's number in the body."""
        return self.post(path, {"agentid": self.settings.agentid, **body}, codes)

    def get(self, path: str, codes: Mapping[int, Resolution] = CODES, **params: Any) -> Body:
        return calling.ask(self._api, path, params, codes)

    def carry(self, path: str, content: tuple[str, bytes], **params: Any) -> Body:
        """A POST of bytes: (their type, they themselves). It may take a minute."""
        kind, body = content
        options = {"params": params, "headers": {"Content-Type": kind}, "timeout": (TIMEOUT[0], 60.0)}
        return calling.call(self._api, path, body, CODES, **options)
