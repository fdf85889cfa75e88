"""Who opens a customer's page inside WeChat, and what WeChat's script on it needs: what `web/progress.py` asks for."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Any, Final
from urllib.parse import urlencode

import requests
import structlog
from redis import Redis
from redis.exceptions import RedisError

from bot.channels import calling
from bot.channels.sending import SendError
from bot.channels.tokens import Http, TokenStorage, refreshed
from config import Settings
from config_chat import Weixin

log = structlog.get_logger()
_QUICK: Final = (0.5, 1.5)  # seconds: the phone waits
_TAGS: Final = ("wx-open-subscribe",)


def account(settings: Settings, redis: Redis) -> Account | None:
    """None where customers have no page."""
    if settings.weixin is None or not settings.weixin.page:
        return None
    return Account(settings.weixin, redis)


class Account:
    """The service account, for its customers' page."""

    def __init__(self, settings: Weixin, redis: Redis) -> None:
        self.script = settings.jsapi
        self._settings = settings
        self._redis = redis
        self._tickets = TokenStorage(redis, f"{settings.secret}:jsapi")

    def address(self, back: str, state: str) -> str:
        """Where WeChat tells who it is, without asking them; it comes back to `back` with `code` and `state`."""
        asked = {"appid": self._settings.appid, "redirect_uri": back, "response_type": "code", "scope": "snsapi_base"}
        query = urlencode({**asked, "state": state})
        return f"{self._settings.oauth_gateway}/connect/oauth2/authorize?{query}#wechat_redirect"

    def openid(self, code: str) -> str:
        """Whose code it is, "" where WeChat does not say."""
        asked = {"appid": self._settings.appid, "secret": self._settings.secret, "code": code}
        address = f"{self._settings.gateway}/sns/oauth2/access_token"
        try:
            answer = Http(self._settings.gateway).get(
                address, params={**asked, "grant_type": "authorization_code"}, timeout=_QUICK
            )
            told = answer.json()
        except (requests.RequestException, ValueError):
            log.warning("visitor_unknown", why="no answer")
            return ""
        found = told.get("openid") if isinstance(told, dict) else None
        if not isinstance(found, str):
            log.warning("visitor_unknown", code=told.get("errcode") if isinstance(told, dict) else None)
        return found if isinstance(found, str) else ""

    def signed(self, url: str) -> dict[str, Any] | None:
        """What wx.config wants for the page at `url`; None where WeChat gives no ticket now."""
        try:
            ticket = self._ticket()
        except (SendError, RedisError) as error:
            log.warning("no_jsapi_ticket", why=str(error)[:200])
            return None
        nonce, stamp = secrets.token_hex(8), int(time.time())
        text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={stamp}&url={url.partition('#')[0]}"
        signature = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        signed = {"timestamp": stamp, "nonceStr": nonce, "signature": signature}
        return {"appId": self._settings.appid, **signed, "jsApiList": [], "openTagList": list(_TAGS)}

    def _ticket(self) -> str:
        """One for all processes, for as long as it lives. Raises SendError."""
        key = f"{self._settings.appid}_jsapi"
        if self._tickets.get(key) is None:
            refreshed(self._tickets, key, None, lambda: self._fetch(key))
        return str(self._tickets.get(key) or "")

    def _fetch(self, key: str) -> None:
        from bot.channels.wechat_oa.client import OfficialApi  # loads wechatpy: only where somebody opens the page
        from bot.channels.wechat_oa.errors import CODES

        api = OfficialApi(self._settings, self._redis)
        told = calling.ask(api, "ticket/getticket", {"type": "jsapi"}, CODES)
        self._tickets.set(key, str(told.get("ticket", "")), int(told.get("expires_in") or 7200))
