"""What to do about each of 聚水潭's codes. A code other than 0 is an error even with HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "聚水潭服务暂时不可用，稍后自动重试")
_FREQUENT: Final = Resolution(Action.WAIT, Whose.PLATFORM, "聚水潭接口限流，稍后自动继续")
_MINUTE: Final = Resolution(Action.WAIT, Whose.PLATFORM, "聚水潭每分钟调用次数用完，稍后自动继续")
_SESSION: Final = Resolution(Action.REFRESH, Whose.SHOP, "聚水潭授权已过期或无效，请重新授权")
_RENEW: Final = Resolution(Action.STOP, Whose.SHOP, "聚水潭不允许刷新授权，请商户重新授权")
_ADDRESS: Final = Resolution(Action.STOP, Whose.US, "服务器地址不在聚水潭的 IP 白名单，请到开放平台添加")
_CONFIG: Final = Resolution(Action.STOP, Whose.US, "聚水潭应用配置有误，请检查 app_key 与 app_secret")
_PERMISSION: Final = Resolution(Action.STOP, Whose.SHOP, "聚水潭应用没有这个接口的权限，请到开放平台申请")
_CLOCK: Final = Resolution(Action.CLOCK, Whose.US, "本机时间与聚水潭相差太大，请校准服务器时间")
_ARGUMENT: Final = Resolution(Action.PARK, Whose.US, "聚水潭不接受这次请求的内容")

CODES: Final[dict[int, Resolution]] = {
    10: _CONFIG,
    100: _SESSION,
    110: _ADDRESS,
    120: _CONFIG,
    130: _ARGUMENT,
    140: _ARGUMENT,
    150: _BUSY,
    160: _BUSY,
    170: _ARGUMENT,
    180: _CLOCK,
    190: _PERMISSION,
    199: _FREQUENT,
    200: _MINUTE,
}

DEFAULT: Final = _BUSY
"""For a code that is not in the table: tried again a few times, then shown; the cursor stays."""

SECONDS: Final = {_FREQUENT: 2, _MINUTE: 60}


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """The error that a reply with a code other than 0 means."""
    code, message = str(reply.get("code", "")), str(reply.get("msg") or "")[:200]
    resolution = CODES.get(int(code), DEFAULT) if code.isdecimal() else DEFAULT
    resolution = _by_words(resolution, message)
    return PlatformError(resolution, code, message, SECONDS.get(resolution, 0))


def _by_words(resolution: Resolution, message: str) -> Resolution:
    """Two tables of 140 and 150 are published: invalid parameter and invalid timestamp, inner fault and renewal
    forbidden. The words tell which is meant."""
    if resolution is _ARGUMENT and ("timestamp" in message or "时间戳" in message):
        return _CLOCK
    if resolution is _BUSY and "刷新" in message:
        return _RENEW
    return resolution
