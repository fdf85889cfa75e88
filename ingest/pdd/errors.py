"""What to do about each of Pinduoduo's error codes (reference sheet 5.8 and 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "拼多多服务暂时不可用，稍后自动重试")
_LIMITED: Final = Resolution(Action.WAIT, Whose.PLATFORM, "拼多多接口限流，稍后自动继续")
_DEGRADED: Final = Resolution(Action.PAUSE, Whose.PLATFORM, "拼多多接口降级或维护中，暂停几分钟后继续")
_BANNED: Final = Resolution(Action.PAUSE, Whose.PLATFORM, "拼多多禁止了接口调用，暂停后再试，请到开放平台查看原因")
_QUOTA: Final = Resolution(Action.PAUSE, Whose.PLATFORM, "拼多多测试期调用量用完，等平台恢复")
_SESSION: Final = Resolution(Action.REFRESH, Whose.SHOP, "拼多多店铺授权已过期或无效，请重新授权")
_PERMISSION: Final = Resolution(Action.STOP, Whose.SHOP, "拼多多应用没有权限或 IP 不在白名单，请到开放平台处理")
_CONFIG: Final = Resolution(Action.STOP, Whose.US, "拼多多应用配置有误，请检查 client_id 与 client_secret")
_CALL: Final = Resolution(Action.STOP, Whose.US, "对拼多多的调用方式有误，请联系技术人员")
_RISK: Final = Resolution(Action.STOP, Whose.SHOP, "拼多多风控拦截了这家店的调用，确认原因前不要再调用")
_CLOCK: Final = Resolution(Action.CLOCK, Whose.US, "本机时间与拼多多相差太大，请校准服务器时间")
_ARGUMENT: Final = Resolution(Action.PARK, Whose.US, "拼多多不接受这次请求的内容")
_ORDER: Final = Resolution(Action.PARK, Whose.ORDER, "拼多多不接受对这个订单的操作")

CODES: Final[dict[int, Resolution]] = {
    10000: _ARGUMENT,
    10001: _ARGUMENT,
    10016: _CONFIG,
    10017: _CALL,
    10018: _CALL,
    10019: _SESSION,
    20004: _CONFIG,
    20005: _PERMISSION,
    20031: _PERMISSION,
    20032: _SESSION,
    20034: _PERMISSION,
    20035: _PERMISSION,
    21001: _ARGUMENT,
    21002: _ARGUMENT,
    30000: _ORDER,
    30001: _ORDER,
    50000: _BUSY,
    50001: _BUSY,
    50002: _BUSY,
    52001: _BUSY,
    52002: _BUSY,
    52004: _ARGUMENT,
    52101: _LIMITED,
    52102: _DEGRADED,
    52103: _DEGRADED,
    70031: _LIMITED,
    70032: _BANNED,
    70033: _DEGRADED,
    70034: _RISK,
    70035: _RISK,
    70036: _QUOTA,
}

DEFAULT: Final = _BUSY
"""For a code that is not in the table: tried again a few times, then shown; the cursor stays."""

SECONDS: Final = {_LIMITED: 60, _DEGRADED: 300, _BANNED: 1800, _QUOTA: 3600}
"""How long to leave the platform alone: Pinduoduo does not say."""


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """The error that an `error_response` means."""
    code, sub_code = str(reply.get("error_code", "")), str(reply.get("sub_code") or "")
    message = _message(str(reply.get("error_msg") or ""), str(reply.get("sub_msg") or ""))
    resolution = CODES.get(int(code), DEFAULT) if code.isdecimal() else DEFAULT
    if resolution is _ARGUMENT and "timestamp" in message:
        resolution = _CLOCK
    shown = code if sub_code in ("", code) else f"{code} {sub_code}"
    return PlatformError(resolution, shown, message, SECONDS.get(resolution, 0))


def note_refused(reply: Mapping[str, Any]) -> PlatformError:
    """The error of a memo's reply, which brings its no in a body of its own."""
    if reply.get("error_code") in (None, "", 0, "0"):
        return PlatformError(_BUSY, "no-success", "")
    return error_of(reply)


def says_unknown(error: PlatformError) -> bool:
    """Whether the no means that there is no such order: no code of its own tells that, only the words do."""
    return "订单" in error.message and "不存在" in error.message


def _message(said: str, more: str) -> str:
    """The sub-message where it says more: 业务服务错误（订单不存在）."""
    return (f"{said}（{more}）" if said and more and more not in said else said or more)[:200]
