"""What to do about each of JD's error codes (reference sheet 4.7 and 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "京东服务暂时不可用，稍后自动重试")
_LIMITED: Final = Resolution(Action.WAIT, Whose.PLATFORM, "京东接口限流，稍后自动继续")
_SESSION: Final = Resolution(Action.REFRESH, Whose.SHOP, "京东店铺授权已过期或无效，请重新授权")
_PERMISSION: Final = Resolution(Action.STOP, Whose.SHOP, "京东应用没有这个接口的权限，请到开放平台处理")
_CONFIG: Final = Resolution(Action.STOP, Whose.US, "京东应用配置有误，请检查 app_key 与 app_secret")
_CALL: Final = Resolution(Action.STOP, Whose.US, "对京东的调用方式有误，请联系技术人员")
_CLOCK: Final = Resolution(Action.CLOCK, Whose.US, "本机时间与京东相差太大，请校准服务器时间")
_ARGUMENT: Final = Resolution(Action.PARK, Whose.US, "京东不接受这次请求的内容")
_ORDER: Final = Resolution(Action.PARK, Whose.ORDER, "京东不接受对这个订单的操作")

CODES: Final[dict[str, Resolution]] = {
    "2": _LIMITED,
    "4": _CALL,
    "5": _CALL,
    "7": _CLOCK,
    "8": _CLOCK,
    "11": _CALL,
    "12": _CONFIG,
    "13": _PERMISSION,
    "14": _CALL,
    "15": _CALL,
    "18": _SESSION,
    "19": _SESSION,
    "20": _CONFIG,
    "21": _CONFIG,
    "24": _PERMISSION,
    "28": _ARGUMENT,
    "61": _BUSY,
    "62": _BUSY,
    "63": _BUSY,
    "64": _BUSY,
    "65": _BUSY,
    "66": _BUSY,
    "67": _BUSY,
}

DEFAULT: Final = _BUSY
"""For an outer code that is not in the table: tried again a few times, then shown; the cursor stays."""

LIMITED_SECONDS: Final = 60  # JD does not say how long


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """The error that an `error_response` means."""
    code = str(reply.get("code", ""))
    message = str(reply.get("zh_desc") or reply.get("en_desc") or "")[:200]
    resolution = CODES.get(code, DEFAULT)
    seconds = LIMITED_SECONDS if resolution.action is Action.WAIT else 0
    return PlatformError(resolution, code, message, seconds)


def refusal_of(result: Mapping[str, Any]) -> PlatformError:
    """The error that a result with `success` false means: JD's no to what was asked, in its own words."""
    code = str(result.get("englishErrCode") or result.get("english_err_code") or "")
    message = str(result.get("chineseErrCode") or result.get("chinese_err_code") or code)[:200]
    return PlatformError(_ORDER, code or "no-success", message)


def renewal_refused(code: str) -> PlatformError:
    return PlatformError(_SESSION, code or "no-token", "refresh refused")


def says_unknown(error: PlatformError) -> bool:
    """Whether the no means that there is no such order. How JD words it is not documented, so only what says it
    plainly counts."""
    said = f"{error.code} {error.message}".lower()
    return error.resolution is _ORDER and any(word in said for word in ("不存在", "not_exist", "not exist"))
