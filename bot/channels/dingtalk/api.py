"""Calls of DingTalk's interfaces through its SDK's client, whose defects are mended here: it asks for a new token as
often as one is refused, waits for ever, puts the token into every address and the secret into some, writes both into
the log, and tells nothing of the new host's errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import requests
from redis import Redis
from redis.exceptions import RedisError

from bot.channels.dingtalk.errors import BANNED, CODES, USED_UP, Code, resolution
from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk.sdk import AppKeyClient, BaseStorage, DingTalkClientException
from bot.channels.sending import REDIS_AWAY, UNREACHABLE, Body, Reaction, Resolution, SendError, Whose
from bot.channels.tokens import TIMEOUT, Http, TokenStorage, refreshed
from config_chat import DingTalk

_LIFETIME: Final = 7200
_HEADER: Final = "x-acs-dingtalk-access-token"
_SUB_CODE: Final = 88  # the real code stands in sub_code
_UPLOAD_SECONDS: Final = (3.0, 30.0)
MOST_MEDIA_BYTES: Final = 20 << 20
_TOO_BIG: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "文件太大，钉钉最多接收 20 MB")


class _Storage(BaseStorage):  # type: ignore[misc]
    """Our storage as the SDK wants it; shared by all processes, its values end early."""

    def __init__(self, tokens: TokenStorage) -> None:
        self.tokens = tokens

    def get(self, key: str, default: Any = None) -> Any:
        return self.tokens.get(key, default)

    def set(self, key: str, value: Any, ttl: int | None = None) -> None:
        self.tokens.set(key, value, ttl)

    def delete(self, key: str) -> None:
        self.tokens.delete(key)


class DingApi(AppKeyClient):  # type: ignore[misc]
    """The client of one internal application. Paths of the new host begin with `v1.0/`, all others are the old
    host's."""

    def __init__(self, settings: DingTalk, redis: Redis) -> None:
        self.settings = settings
        self.quota = Quota(redis, settings)
        self._tokens = TokenStorage(redis, settings.app_secret)
        super().__init__(
            settings.corpid, settings.app_key, settings.app_secret,
            storage=_Storage(self._tokens), timeout=TIMEOUT, auto_retry=False,
        )  # fmt: skip
        self.API_BASE_URL = f"{settings.old_gateway}/"
        self._new = f"{settings.gateway}/"
        self._http = Http(settings.gateway)

    # what the SDK asks

    @property
    def access_token(self) -> str:
        """Raises what a call does."""
        found = self._tokens.get(self._token_name)
        if found is None:
            self.renew(None)
            found = self._tokens.get(self._token_name)
        return str(found)

    @property
    def _token_name(self) -> str:
        return f"dingtalk:{self.app_key}"

    def renew(self, failed: str | None) -> None:
        refreshed(self._tokens, self._token_name, failed, self._fetch)

    def _fetch(self) -> None:
        answer = self.get_access_token()
        if not isinstance(answer, dict):
            raise ValueError("no JSON object")
        self._tokens.set(self._token_name, str(answer["accessToken"]), int(answer.get("expireIn", _LIFETIME)))

    def get_access_token(self) -> Any:
        """By the new host: the old one takes the secret in its address. The token is good for both."""
        secret = {"appKey": self.app_key, "appSecret": self.app_secret}
        return self._request("POST", f"{self._new}v1.0/oauth2/accessToken", data=secret)

    def request(self, method: str, uri: str, **options: Any) -> Any:
        """The decoded answer. A refused token is renewed once, and the call repeated once. Raises
        DingTalkClientException, and what `requests` and Redis raise."""
        token = self.access_token
        try:
            return self._tried(method, uri, options)
        except DingTalkClientException as error:
            if resolution(*code_of(error)).reaction is not Reaction.REFRESH:
                raise
        self.renew(token)
        return self._tried(method, uri, options)

    def _tried(self, method: str, uri: str, options: Mapping[str, Any]) -> Any:
        # The SDK writes into what it is given.
        copy = {name: dict(part) if isinstance(part, dict) else part for name, part in options.items()}
        method, uri, copy = self._addressed(method, uri, copy)
        return self._request(method, uri, **copy)

    def _addressed(self, method: str, uri: str, options: Body) -> tuple[str, str, Body]:
        """The new host reads the token in a header, the old one in the address; nobody else may have it."""
        if uri.startswith("v1.0/"):
            options["headers"] = {**options.get("headers", {}), _HEADER: self.access_token}
            return method, self._new + uri, options
        if "://" in uri or uri.startswith("/"):
            raise ValueError("only paths of DingTalk's two hosts")
        options["params"] = {**options.get("params", {}), "access_token": self.access_token}
        return method, uri, options

    # what we call

    def call(self, method: str, path: str, body: Body | None = None, *, paid: bool = True, **options: Any) -> Body:
        """The answer, a JSON object. Raises SendError, whose text holds neither address nor token."""
        try:
            answer = _answer(self.request(method, path, **({} if body is None else {"data": body}), **options))
        except DingTalkClientException as error:
            refused = refusal(error)
            self._note(refused, paid)
            raise refused from None
        except (requests.ConnectionError, requests.Timeout) as error:
            never_left = isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError)
            raise SendError(UNREACHABLE, unknown=not never_left) from None
        except (requests.RequestException, ValueError, KeyError):
            raise SendError(UNREACHABLE, unknown=True) from None
        except RedisError:
            raise SendError(REDIS_AWAY) from None
        if paid:
            self.quota.count(Kind.CALLS)
        return answer

    def ask(self, path: str, body: Body) -> Body:
        """A question about people to the old host: not counted against the month. Raises SendError."""
        return self.call("POST", path, body, paid=False)

    def upload(self, kind: str, name: str, content: bytes) -> str:
        """The media id of a file; `kind`: image, voice, video, file. Raises SendError."""
        if len(content) > MOST_MEDIA_BYTES:
            raise SendError(_TOO_BIG)
        # Bytes and no open file: a second try sends them again.
        files = {"media": (name, content)}
        params = {"type": kind}
        answer = self.call("POST", "media/upload", params=params, files=files, timeout=_UPLOAD_SECONDS)
        return str(answer.get("media_id", ""))

    def _note(self, refused: SendError, paid: bool) -> None:
        """What was refused for its number alone costs nothing."""
        if refused.resolution is USED_UP:
            self.quota.shut(Kind.CALLS)
        elif paid and refused.resolution.reaction is not Reaction.WAIT:
            self.quota.count(Kind.CALLS)


def _answer(answer: Any) -> Body:
    """Raises ValueError for a gateway's error page, whose outcome is unknown, and SendError for what the platform says
    no to without an error's status."""
    if not isinstance(answer, dict):
        raise ValueError("no JSON object")
    if answer.get("status") == BANNED:
        raise SendError(CODES[BANNED], BANNED)
    if answer.get("success") is False:
        code = str(answer.get("errorCode") or answer.get("code") or "")
        raise SendError(resolution(code, str(answer.get("errorMsg") or answer.get("message") or "")), code)
    return answer


def code_of(error: DingTalkClientException) -> tuple[Code, str]:
    """The platform's code and message: of the new host they stand only in the answer that the SDK keeps."""
    told = _told(error)
    if error.errcode is None:
        return str(told.get("code") or ""), str(told.get("message") or "")
    if int(error.errcode) != _SUB_CODE:
        return int(error.errcode), str(error.errmsg)
    sub = str(told.get("sub_code") or "")
    return (int(sub) if sub.isdecimal() else sub), str(told.get("sub_msg") or "")


def refusal(error: DingTalkClientException) -> SendError:
    """The SendError of what the platform refused."""
    code, message = code_of(error)
    status = getattr(error.response, "status_code", 200)
    if code in ("", _SUB_CODE) or (status >= 500 and code not in CODES):
        return SendError(UNREACHABLE, unknown=True)
    asked = resolution(code, message)
    if asked.reaction is Reaction.REFRESH:  # a fresh token was refused as well
        asked = Resolution(Reaction.ALERT, Whose.IT, asked.text)
    return SendError(asked, code, unknown=status >= 500)


def _told(error: DingTalkClientException) -> Body:
    try:
        found = error.response.json()
    except (AttributeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
