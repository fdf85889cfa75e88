"""What to do about each of 快递100's return codes (reference sheet 15.1). Queries and subscriptions number alike, and
mean different things by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.courier.source import TrackRefused
from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "快递100 暂时不可用，稍后自动重试")
_KEY: Final = Resolution(Action.STOP, Whose.US, "快递100 授权有误，请检查 key 与 customer")
_SIGN: Final = Resolution(Action.STOP, Whose.US, "快递100 签名校验失败，请检查 key 与 customer")
_SPENT: Final = Resolution(Action.PAUSE, Whose.SHOP, "快递100 的单量已用完，请充值")

QUERY: Final[dict[int, Resolution]] = {501: _BUSY, 502: _BUSY, 503: _SIGN, 600: _KEY, 601: _SPENT}
SUBSCRIBE: Final[dict[int, Resolution]] = {500: _BUSY, 600: _KEY, 601: _SPENT}

NOTHING_YET: Final = 500
"""Of a query: no line of this number is known."""
KNOWN_ALREADY: Final = 501
"""Of a subscription: it stands."""

QUERY_REFUSED: Final = {
    400: "快递100 不认识这家快递公司，或没有开通",
    408: "快递要求核对收件人手机后四位，平台没有给出或不对",
}
SUBSCRIBE_REFUSED: Final = {700: "快递100 不接受这个单号", 701: "快递100 不支持这家快递公司"}

PERHAPS_ALL: Final = (400, 701)
"""Refusals that come of what the account has not been opened for as well as of a parcel."""

DEFAULT: Final = _BUSY
"""For a code that is in no table."""

_SECONDS: Final = {_SPENT: 3600}


def error_of(reply: Mapping[str, Any], codes: Mapping[int, Resolution], refused: Mapping[int, str]) -> Exception:
    """The error that a reply means: PlatformError, or TrackRefused for what is wrong with this parcel alone."""
    code, message = str(reply.get("returnCode", "")), str(reply.get("message") or "")[:200]
    number = int(code) if code.isdecimal() else 0
    if number in refused:
        return TrackRefused(refused[number], perhaps_all=number in PERHAPS_ALL)
    resolution = codes.get(number, DEFAULT)
    return PlatformError(resolution, code, message, _SECONDS.get(resolution, 0))
