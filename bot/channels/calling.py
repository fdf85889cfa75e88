"""One API call through wechatpy: the token renewed at most once, every failure turned into a SendError."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

import requests
from redis.exceptions import RedisError
from urllib3.exceptions import NewConnectionError
from wechatpy.exceptions import WeChatClientException

from bot.channels.sending import REDIS_AWAY, UNREACHABLE, Body, Reaction, Resolution, SendError, Whose

# Its debug lines hold addresses with tokens and secrets in them.
logging.getLogger("urllib3").setLevel(logging.INFO)
logging.getLogger("wechatpy").setLevel(logging.INFO)

UNKNOWN_CODE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "平台返回了未知错误")
_FROM: Final = re.compile(r"from ip: ?([0-9A-Fa-f.:]+)")  # whoever must allow the address needs to know it
_BAD_VALUE: Final = 47003
_KEY: Final = re.compile(r"(?<=data\.)[a-z_]+\d*")
_RID: Final = re.compile(r"rid: ?[\w-]+")
Attempt = Callable[[Mapping[str, str]], Any]
"""One try, with the token as the address's parameter."""


class Api(Protocol):
    """Our subclasses of wechatpy's two clients."""

    @property
    def access_token(self) -> str: ...

    def renew(self, failed: str) -> None: ...

    def post(self, url: str, **options: Any) -> Any: ...

    def get(self, url: str, **options: Any) -> Any: ...


def call(api: Api, path: str, body: Body | bytes, codes: Mapping[int, Resolution], **options: Any) -> Body:
    """The platform's answer to a POST. `options`: `params` of the address, `headers`. Raises SendError, whose text
    never holds an address or a token."""
    params = options.pop("params", {})
    return _answered(api, lambda token: api.post(path, data=body, params={**params, **token}, **options), codes)


def ask(api: Api, path: str, params: Body, codes: Mapping[int, Resolution]) -> Body:
    """The platform's answer to a GET. Raises SendError likewise."""
    return _answered(api, lambda token: api.get(path, params={**params, **token}), codes)


def _answered(api: Api, attempt: Attempt, codes: Mapping[int, Resolution]) -> Body:
    try:
        return _call(api, attempt, codes)
    except WeChatClientException as error:
        raise _refused(error, codes) from None
    except (requests.ConnectionError, requests.Timeout) as error:
        raise SendError(UNREACHABLE, unknown=not never_left(error)) from None
    except (requests.RequestException, ValueError, KeyError):
        raise SendError(UNREACHABLE, unknown=True) from None
    except RedisError:
        raise SendError(REDIS_AWAY) from None


def never_left(error: Exception) -> bool:
    """Whether nothing can have arrived, because there was no connection at all: no such name, refused, no answer."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)


def _call(api: Api, attempt: Attempt, codes: Mapping[int, Resolution]) -> Body:
    token = api.access_token
    try:
        return _answer(attempt({"access_token": token}))
    except WeChatClientException as error:
        known = codes.get(error.errcode or 0)
        if known is None or known.reaction is not Reaction.REFRESH:
            raise
    api.renew(token)
    return _answer(attempt({"access_token": api.access_token}))


def _answer(answer: Any) -> Body:
    if not isinstance(answer, dict):
        raise ValueError("no JSON object")  # a gateway's error page: the outcome is unknown
    return answer


def _refused(error: WeChatClientException, codes: Mapping[int, Resolution]) -> SendError:
    if error.errcode is None:  # HTTP 5xx
        return SendError(UNREACHABLE, unknown=True)
    resolution = codes.get(error.errcode, UNKNOWN_CODE)
    if resolution.reaction is Reaction.REFRESH:  # a fresh token was refused as well
        resolution = Resolution(Reaction.ALERT, Whose.IT, resolution.text)
    if resolution.reaction is Reaction.ALERT and "IP" in resolution.text and (ip := _FROM.search(str(error.errmsg))):
        resolution = replace(resolution, text=f"{resolution.text}：{ip[1]}")
    if error.errcode == _BAD_VALUE:  # whoever mends the template needs its key, the platform's people the rid
        named = [found[0] for found in (_KEY.search(str(error.errmsg)), _RID.search(str(error.errmsg))) if found]
        resolution = replace(resolution, text=f"{resolution.text}：{'，'.join(named)}" if named else resolution.text)
    return SendError(resolution, error.errcode)
