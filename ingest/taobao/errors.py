"""What to do about each of Taobao's error codes (reference sheet 3.8 and 9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "淘宝服务暂时不可用，稍后自动重试")
_LIMITED: Final = Resolution(Action.WAIT, Whose.PLATFORM, "淘宝接口限流，按平台要求等待后继续")
_BANNED: Final = Resolution(Action.PAUSE, Whose.PLATFORM, "淘宝接口调用量用完，暂停到平台放行")
_SESSION: Final = Resolution(Action.REFRESH, Whose.SHOP, "淘宝店铺授权已过期或无效，请重新授权")
_PERMISSION: Final = Resolution(Action.STOP, Whose.SHOP, "淘宝应用没有这个接口的权限或 IP 不在白名单，请到开放平台处理")
_CONFIG: Final = Resolution(Action.STOP, Whose.US, "淘宝应用配置有误，请检查 app_key 与 app_secret")
_CALL: Final = Resolution(Action.STOP, Whose.US, "对淘宝的调用方式有误，请联系技术人员")
_CLOCK: Final = Resolution(Action.CLOCK, Whose.US, "本机时间与淘宝相差太大，请校准服务器时间")
_ARGUMENT: Final = Resolution(Action.PARK, Whose.US, "淘宝不接受这次请求的内容")
_ORDER: Final = Resolution(Action.PARK, Whose.ORDER, "淘宝不接受对这个订单的操作")
GONE: Final = Resolution(Action.PARK, Whose.ORDER, "淘宝上没有这个订单")
_CANNOT_SHIP: Final = Resolution(Action.PARK, Whose.ORDER, "淘宝订单状态不允许发货，可能已发货、退款中或已关闭")

CODES: Final[dict[int, Resolution]] = {
    3: _ARGUMENT,
    4: _LIMITED,
    5: _LIMITED,
    6: _LIMITED,
    7: _LIMITED,
    8: _LIMITED,
    9: _CALL,
    10: _BUSY,
    11: _PERMISSION,
    12: _PERMISSION,
    13: _PERMISSION,
    21: _CALL,
    22: _CALL,
    23: _CALL,
    24: _CALL,
    25: _CONFIG,
    26: _SESSION,
    27: _SESSION,
    28: _CONFIG,
    29: _CONFIG,
    30: _CALL,
    31: _CLOCK,
    32: _CALL,
    33: _CALL,
    34: _CALL,
    40: _ARGUMENT,
    41: _ARGUMENT,
    42: _ARGUMENT,
    43: _ARGUMENT,
}

SUB_CODES: Final[dict[str, Resolution]] = {
    "isv.trade-not-exist": GONE,
    "isv.logistics-offline-service-error:ORDER_NOT_FOUND_ERROR": GONE,
    "isv.logistics-offline-service-error:B04": _CANNOT_SHIP,
    "isv.logistics-offline-service-error:B150": _BUSY,
    "isv.access-token-expired": _SESSION,
    "isv.access-token-no-existed": _SESSION,
    "isv.permission-api-package-empty": _PERMISSION,
    "isv.permission-ip-whitelist-limit": _PERMISSION,
    "isv.invalid-timestamp": _CLOCK,
    "accesscontrol.limited-by-app-access-count": _BANNED,
}

DEFAULT: Final = _BUSY
"""For a code that is not in the tables: tried again a few times, then shown; the cursor stays."""

_LONG_SECONDS: Final = 600
_BAN: Final = re.compile(r"ban will last for (\d{1,6}) more second")


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """The error that an `error_response` means."""
    code, sub_code = str(reply.get("code", "")), str(reply.get("sub_code") or "")
    message = str(reply.get("sub_msg") or reply.get("msg") or "")[:200]
    resolution = SUB_CODES.get(sub_code) or _by_code(code, sub_code)
    told = _BAN.search(message)
    seconds = int(told.group(1)) if told else 0
    if resolution is _LIMITED and seconds > _LONG_SECONDS:
        resolution = _BANNED
    return PlatformError(resolution, f"{code} {sub_code}".strip(), message, seconds)


def _by_code(code: str, sub_code: str) -> Resolution:
    """By the platform's rule: isp.* is its own side and may pass, isv.* is a fault of what was asked."""
    known = CODES.get(int(code)) if code.isdecimal() else None
    if known:
        return known
    return _ORDER if sub_code.startswith("isv.") else DEFAULT
