"""What to do about 旺店通's errors. Few of its codes are published, so where a code says nothing its words do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "旺店通服务暂时不可用，稍后自动重试")
_LIMITED: Final = Resolution(Action.WAIT, Whose.PLATFORM, "旺店通接口限流，稍后自动继续")
_UNPAID: Final = Resolution(Action.STOP, Whose.SHOP, "旺店通接口余额不足或应用欠费，请联系旺店通充值")
_CONFIG: Final = Resolution(Action.STOP, Whose.US, "旺店通应用配置有误，请检查 sid、app_key 与 app_secret")
_PERMISSION: Final = Resolution(Action.STOP, Whose.SHOP, "旺店通应用没有权限或 IP 不在白名单，请到开放平台处理")
_CLOCK: Final = Resolution(Action.CLOCK, Whose.US, "本机时间与旺店通相差太大，请校准服务器时间")
_ARGUMENT: Final = Resolution(Action.PARK, Whose.US, "旺店通不接受这次请求的内容")

CODES: Final[dict[int, Resolution]] = {
    1060: _UNPAID,
    2900: _ARGUMENT,
    21000024: _ARGUMENT,
}

DEFAULT: Final = _BUSY
"""For what neither the table nor the words tell: tried again a few times, then shown; the cursor stays."""

_WORDS: Final = (
    (re.compile(r"欠费|余额"), _UNPAID),
    (re.compile(r"频繁|频率|限流|次数|too many", re.IGNORECASE), _LIMITED),
    (re.compile(r"timestamp|时间戳|时间误差", re.IGNORECASE), _CLOCK),
    (re.compile(r"sign|签名|appkey|sid", re.IGNORECASE), _CONFIG),
    (re.compile(r"权限|白名单|permission", re.IGNORECASE), _PERMISSION),
    (re.compile(r"参数|跨度|不能为空"), _ARGUMENT),
)

SECONDS: Final = {_LIMITED: 60}


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """The error that a reply with a code other than 0 means."""
    code, message = str(reply.get("code", "")), str(reply.get("message") or "")[:200]
    resolution = CODES.get(int(code)) if code.isdecimal() else None
    if resolution is None:
        resolution = next((meant for words, meant in _WORDS if words.search(message)), DEFAULT)
    return PlatformError(resolution, code, message, SECONDS.get(resolution, 0))
