"""Sends and changes messages of the self-built app: wechatpy's client with our token storage and deadlines."""

from __future__ import annotations

import hashlib
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from wechatpy.work import WeChatClient

from bot.card import Card, Text
from bot.channels import calling
from bot.channels.pace import Pace
from bot.channels.sending import Body, Change, Parcel, Receipt, SendError
from bot.channels.tokens import TIMEOUT, Http, TokenStorage, refreshed
from bot.channels.wecom_app.errors import CHANGE_CODES, CODES
from bot.channels.wecom_app.render import MOST_BYTES, render
from bot.phrases import cut_bytes
from config_chat import WecomApp

DOUBLE_SECONDS: Final = 4 * 3600  # how long the platform recognises the same message: the longest that it offers
_UNSEEN: Final = "\u200b\u200c\u200d\u2060"  # characters without width


class AppApi(WeChatClient):  # type: ignore[misc]
    """wechatpy's client of one app. Its own retry never ends on a lasting token error, so it stays off."""

    def __init__(self, settings: WecomApp, redis: Redis) -> None:
        self._storage = TokenStorage(redis, settings.secret)
        super().__init__(settings.corpid, settings.secret, session=self._storage, timeout=TIMEOUT, auto_retry=False)
        self.API_BASE_URL = f"{settings.gateway}/cgi-bin/"
        self._http = Http(settings.gateway)

    def fetch_access_token(self) -> None:
        """Called by wechatpy when the storage has no token."""
        refreshed(self._storage, self.access_token_key, None, self._fetch)

    def renew(self, failed: str) -> None:
        refreshed(self._storage, self.access_token_key, failed, self._fetch)

    def _fetch(self) -> None:
        secret = {"corpid": self.corp_id, "corpsecret": self.secret}
        self._fetch_access_token(f"{self.API_BASE_URL}gettoken", secret)


class AppSender:
    """The Sender of the self-built app (1:1 chats only)."""

    def __init__(self, settings: WecomApp, redis: Redis, link: str) -> None:
        self._settings = settings
        self._link = link
        self._api = AppApi(settings, redis)
        self._pace = Pace(redis, "wecom_app")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds(recipient.split("|"))
        except RedisError:
            raise SendError(calling.REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        content = render(_marked(parcel), parcel.key, self._link)
        answer = self._call("message/send", {
            "touser": parcel.recipient,
            **content,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DOUBLE_SECONDS,
        })  # fmt: skip
        left_out = str(answer.get("invaliduser") or "")
        return Receipt(str(answer.get("msgid", "")), str(answer.get("response_code", "")), left_out)

    def change(self, change: Change) -> None:
        whose: Body = {"userids": list(change.userids)} if change.userids else {"atall": 1}
        card = render(change.card, change.task_id, self._link, update=True)["template_card"]
        body = {**whose, "response_code": change.response_code, "template_card": card}
        calling.call(self._api, "message/update_template_card", self._for_app(body), CHANGE_CODES)

    def _call(self, path: str, body: Body) -> Body:
        return calling.call(self._api, path, self._for_app(body), CODES)

    def _for_app(self, body: Body) -> Body:
        return {"agentid": self._settings.agentid, **body}


def _marked(parcel: Parcel) -> Card | Text:
    """The platform drops the same JSON to the same person as a double. A card has its task id; two equal texts that
    are both meant need a mark that nobody sees."""
    assert isinstance(parcel.drawing, Card | Text)
    if isinstance(parcel.drawing, Card):
        return parcel.drawing
    digest = hashlib.blake2b(parcel.key.encode(), digest_size=2).digest()
    mark = "".join(_UNSEEN[byte >> shift & 3] for byte in digest for shift in (0, 2, 4, 6))
    return Text(cut_bytes(parcel.drawing.markdown, MOST_BYTES - len(mark.encode())) + mark)
