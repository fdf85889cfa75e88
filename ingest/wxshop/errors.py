"""What to do about each of WeChat Shop's error codes (reference sheet 7 and 9; the platform's pages of each method)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest import errcode
from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "微信小店服务暂时不可用，稍后自动重试")
_LIMITED: Final = Resolution(Action.WAIT, Whose.PLATFORM, "微信小店接口限流，一分钟后自动继续")
_USED_UP: Final = Resolution(Action.PAUSE, Whose.PLATFORM, "微信小店接口当天的调用量用完，暂停后自动再试")
_SESSION: Final = Resolution(
    Action.REFRESH, Whose.SHOP, "微信小店授权失效：access_token 换新后仍被拒绝，请检查 AppID 和 AppSecret"
)
_SECRET: Final = Resolution(
    Action.STOP, Whose.SHOP, "微信小店授权失效：AppSecret 不对、已重置或已冻结，请到小店后台查看后改配置"
)
_APP: Final = Resolution(Action.STOP, Whose.US, "微信小店配置有误，请检查 AppID")
FORBIDDEN: Final = Resolution(Action.STOP, Whose.SHOP, "微信小店不允许这台服务器调用，请到小店后台把出口 IP 加入白名单")
_PERMISSION: Final = Resolution(Action.STOP, Whose.SHOP, "微信小店没有开通这个接口的权限，请到小店后台开通")
_CLOSED: Final = Resolution(Action.STOP, Whose.SHOP, "微信小店账号已注销或在注销公示期，不能再读取")
_CALL: Final = Resolution(Action.STOP, Whose.US, "对微信小店的调用方式有误，请联系技术人员")
_ARGUMENT: Final = Resolution(Action.PARK, Whose.US, "微信小店不接受这次请求的内容")
_CURSOR: Final = Resolution(Action.RETRY, Whose.PLATFORM, "微信小店翻页中断，从头重读这一段")
_TOO_MANY: Final = Resolution(Action.PARK, Whose.PLATFORM, "微信小店一秒内的订单太多，读不出来，请联系技术人员")
GONE: Final = Resolution(Action.PARK, Whose.ORDER, "微信小店没有这个订单")
_STATE: Final = Resolution(Action.PARK, Whose.ORDER, "微信小店订单状态不允许这个操作，可能已发货、售后中或已取消")
_OTHER_HAND: Final = Resolution(
    Action.PARK, Whose.ORDER, "微信小店要求这个订单由指定服务商发货（如质检仓），请到后台处理"
)
_AFTER_SALE: Final = Resolution(Action.PARK, Whose.ORDER, "微信小店没有这个售后单，或不是这家店的")
_DELIVERY: Final = Resolution(Action.PARK, Whose.ORDER, "微信小店不接受填写的物流信息，请核对快递公司和运单号")

TOO_MANY: Final = "31042"
"""The window is halved, down to a second; no failure of the platform, so it opens no circuit."""

CODES: Final[dict[int, Resolution]] = {
    -1: _BUSY,
    31042: _TOO_MANY,
    40001: _SESSION,
    40002: _CALL,
    40013: _APP,
    40014: _SESSION,
    40066: _CALL,
    40097: _ARGUMENT,
    40125: _SECRET,
    40164: FORBIDDEN,
    40243: _SECRET,
    41001: _CALL,
    41002: _APP,
    41004: _SECRET,
    42001: _SESSION,
    43002: _CALL,
    44002: _CALL,
    45009: _USED_UP,
    45011: _LIMITED,
    45035: FORBIDDEN,
    47001: _ARGUMENT,
    48001: _PERMISSION,
    48004: _PERMISSION,
    50002: _PERMISSION,
    89503: FORBIDDEN,
    89506: FORBIDDEN,
    89507: FORBIDDEN,
    100002: GONE,
    100003: _BUSY,
    101100: _STATE,
    109002: _DELIVERY,
    606006: _CURSOR,
    606034: _OTHER_HAND,
    6060456: _ARGUMENT,
    10020000: _AFTER_SALE,
    10020004: _ARGUMENT,
    10021043: _AFTER_SALE,
    10021044: _BUSY,
    10021050: _AFTER_SALE,
    10080000: _CLOSED,
    10080001: _CLOSED,
}

DEFAULT: Final = _ARGUMENT
"""For a code that is not in the table: shown and not repeated blindly; the cursor stays."""


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """The error that a reply's `errcode` means."""
    return errcode.error_of(reply, CODES, DEFAULT)
