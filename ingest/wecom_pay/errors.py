"""What to do about each of WeCom's error codes, as far as bills meet them (WeCom reference sheet 7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest import errcode
from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "企业微信服务暂时不可用，稍后自动重试")
_LIMITED: Final = Resolution(Action.WAIT, Whose.PLATFORM, "企业微信接口限流，稍后自动继续")
_SESSION: Final = Resolution(
    Action.REFRESH, Whose.SHOP, "企业微信授权失效：access_token 换新后仍被拒绝，请检查企业 ID 和应用 Secret"
)
_SECRET: Final = Resolution(
    Action.STOP, Whose.SHOP, "企业微信授权失效：应用的 Secret 不对或已重置，请到管理后台查看后改配置"
)
_CORP: Final = Resolution(Action.STOP, Whose.US, "企业微信配置有误，请检查企业 ID（corpid）")
_APP: Final = Resolution(Action.STOP, Whose.SHOP, "企业微信应用已停用或不可用，请到管理后台启用")
_PERMISSION: Final = Resolution(
    Action.STOP, Whose.SHOP, "这个应用不能读取对外收款，请到管理后台“对外收款 → 可调用接口的应用”里加上它"
)
_ADDRESS: Final = Resolution(
    Action.STOP, Whose.SHOP, "企业微信不允许这台服务器调用，请到管理后台把出口 IP 加入企业可信IP"
)
_CALL: Final = Resolution(Action.STOP, Whose.US, "对企业微信的调用方式有误，请联系技术人员")
_ARGUMENT: Final = Resolution(Action.PARK, Whose.US, "企业微信不接受这次请求的内容")

CODES: Final[dict[int, Resolution]] = {
    -1: _BUSY,
    6000: _BUSY,
    40001: _SECRET,
    40003: _ARGUMENT,
    40013: _CORP,
    40014: _SESSION,
    40031: _ARGUMENT,
    40033: _ARGUMENT,
    40056: _APP,
    40058: _ARGUMENT,
    40063: _ARGUMENT,
    40091: _SECRET,
    41001: _CALL,
    41004: _SECRET,
    42001: _SESSION,
    43002: _CALL,
    45009: _LIMITED,
    45033: _BUSY,
    46004: _ARGUMENT,
    47001: _CALL,
    48002: _PERMISSION,
    48005: _CALL,
    50003: _APP,
    60011: _PERMISSION,
    60020: _ADDRESS,
    60111: _ARGUMENT,
    301002: _APP,
}

DEFAULT: Final = _ARGUMENT
"""For a code that is not in the table: shown and not repeated blindly; the cursor stays."""


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """The error that a reply's `errcode` means; `errmsg` is for people, nothing is read out of it."""
    return errcode.error_of(reply, CODES, DEFAULT)
