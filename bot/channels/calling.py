"""One API call through wechatpy: the token renewed at most once, every failure turned into a SendError."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, Protocol

import requests
from redis.exceptions import RedisError
from wechatpy.exceptions import WeChatClientException

from bot.channels.sending import Body, Reaction, Resolution, SendError, Whose

# Its debug lines hold addresses with tokens and secrets in them.
logging.getLogger("urllib3").setLevel(logging.INFO)
logging.getLogger("wechatpy").setLevel(logging.INFO)

UNREACHABLE: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "平台没有应答，稍后自动重试")
REDIS_AWAY: Final = Resolution(Reaction.RETRY, Whose.HUB, "缓存服务暂时不可用，稍后自动重试")
UNKNOWN_CODE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "平台返回了未知错误")


class Api(Protocol):
    """Our subclasses of wechatpy's two clients."""

    @property
    def access_token(self) -> str: ...

    def renew(self, failed: str) -> None: ...

    def post(self, url: str, **options: Any) -> Any: ...


def call(api: Api, path: str, body: Body, codes: Mapping[int, Resolution]) -> Body:
    """The platform's answer. Raises SendError, whose text never holds an address or a token."""
    try:
        return _call(api, path, body, codes)
    except WeChatClientException as error:
        raise _refused(error, codes) from None
    except (requests.ConnectionError, requests.Timeout) as error:
        never_left = isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError)
        raise SendError(UNREACHABLE, unknown=not never_left) from None
    except (requests.RequestException, ValueError, KeyError):
        raise SendError(UNREACHABLE, unknown=True) from None
    except RedisError:
        raise SendError(REDIS_AWAY) from None


def _call(api: Api, path: str, body: Body, codes: Mapping[int, Resolution]) -> Body:
    token = api.access_token
    try:
        return _answer(api.post(path, data=body, params={"access_token": token}))
    except WeChatClientException as error:
        known = codes.get(error.errcode or 0)
        if known is None or known.reaction is not Reaction.REFRESH:
            raise
    api.renew(token)
    return _answer(api.post(path, data=body, params={"access_token": api.access_token}))


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
    return SendError(resolution, error.errcode)
