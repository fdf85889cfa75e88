"""What to do about each of Douyin's error codes (reference sheet 6 and 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "抖店服务暂时不可用，稍后自动重试")
_LIMITED: Final = Resolution(Action.WAIT, Whose.PLATFORM, "抖店接口限流，稍后自动继续")
_SESSION: Final = Resolution(Action.REFRESH, Whose.SHOP, "抖店访问令牌已过期或无效，请重新授权")
_AUTHORISATION: Final = Resolution(Action.STOP, Whose.SHOP, "抖店店铺授权已失效或被关闭，请到抖店后台重新授权")
NO_PERMISSION: Final = Resolution(Action.STOP, Whose.SHOP, "抖店应用没有这个接口的权限，请到开放平台申请权限包")
NO_AFTER_SALES: Final = Resolution(Action.STOP, Whose.SHOP, "抖店应用没有售后权限包，看不到退款申请，请到开放平台申请")
_ADDRESS: Final = Resolution(Action.STOP, Whose.US, "服务器 IP 不在抖店应用的白名单，请到开放平台添加")
_FORBIDDEN: Final = Resolution(Action.STOP, Whose.SHOP, "抖店应用已被停用或过期，请到开放平台处理")
_CONFIG: Final = Resolution(Action.STOP, Whose.US, "抖店应用配置有误，请检查 app_key、app_secret 与应用类型（自用型）")
_CALL: Final = Resolution(Action.STOP, Whose.US, "对抖店的调用方式有误，请联系技术人员")
_OFFLINE: Final = Resolution(Action.STOP, Whose.US, "抖店下线了这个接口，请联系技术人员")
_RISK: Final = Resolution(Action.STOP, Whose.SHOP, "抖店安全策略拦截了这家店的调用，确认原因前不要再调用")
_CLOCK: Final = Resolution(Action.CLOCK, Whose.US, "本机时间与抖店相差太大，请校准服务器时间")
_ARGUMENT: Final = Resolution(Action.PARK, Whose.US, "抖店不接受这次请求的内容")
_ORDER: Final = Resolution(Action.PARK, Whose.ORDER, "抖店不接受对这个订单的操作")
_TOO_OLD: Final = Resolution(Action.PARK, Whose.US, "抖店只能查近 90 天的订单，更早的请在抖店后台导出")
GONE: Final = Resolution(Action.PARK, Whose.ORDER, "抖店上没有这个订单")
NO_TOKEN: Final = Resolution(
    Action.STOP, Whose.SHOP, "抖店没有给出访问令牌，请核对店铺 ID、应用类型（自用型）和店铺授权"
)

CODES: Final[dict[str, Resolution]] = {
    "10001": _BUSY,  # a part of what was asked for: no answer to rely on
    "20000": _BUSY,
    "20001": _BUSY,
    "30000": _ARGUMENT,
    "30001": NO_PERMISSION,
    "30002": _ADDRESS,
    "40001": _ARGUMENT,
    "40002": _ARGUMENT,
    "40003": _ARGUMENT,
    "40004": _ARGUMENT,
    "50000": _BUSY,
    "50001": _ORDER,
    "50002": _ORDER,
    "60000": _LIMITED,
    "70000": _OFFLINE,
    "80000": _RISK,
    "90000": _BUSY,
    "dop.authorization-no-existed": _AUTHORISATION,
    "dop.authorization-closed": _AUTHORISATION,
    "dop.app-forbidden": _FORBIDDEN,
    "isv.authorization-type-invalid": NO_PERMISSION,
    "isv.signature-missing": _CALL,
    "isv.app-id-missing": _CALL,
    "isv.access-token-missing": _CALL,
    "isv.signature-invalid": _CONFIG,
    "isv.app-id-invalid": _CONFIG,
    "isv.app-id-expired": _FORBIDDEN,
    "isv.access-token-expired": _SESSION,
    "isv.access-token-no-existed": _SESSION,
    "isv.access-token-invalid": _SESSION,
    "isv.timestamp-invalid": _CLOCK,
    "isv.timestamp-format-error": _CALL,
    "isv.env-suspected": _RISK,
    "dop.token-generate-failed:app-id-invalid": _CONFIG,
    "dop.token-generate-failed:app-secret-invalid": _CONFIG,
    "dop.token-generate-failed:grant-type-invalid": _CONFIG,
    "dop.token-generate-failed:app-forbidden": _FORBIDDEN,
    "dop.token-generate-failed:no-authorization": _AUTHORISATION,
    "dop.token-generate-failed:code-invalid": _AUTHORISATION,
    "dop.token-generate-failed:code-expired": _AUTHORISATION,
    "dop.token-generate-failed:token-invalid": _AUTHORISATION,
    "dop.token-generate-failed:token-expired": _AUTHORISATION,
    "isv.parameter-invalid:20001": GONE,
    "isv.parameter-invalid:20002": GONE,
    "isv.parameter-invalid:20014": GONE,
    "isv.parameter-invalid:20022": _TOO_OLD,
    "isv.business-failed:20015": GONE,
    "isv.business-failed:60033": GONE,
    "isv.business-failed:60101": GONE,
    # The platform's own "busy, come again", in the clothes of a refusal.
    "isv.business-failed:8888": _BUSY,
    "isv.business-failed:20004": _BUSY,
    "isv.business-failed:60106": _BUSY,
    "isv.business-failed:60114": _BUSY,
    "isv.business-failed:60118": _BUSY,
    "isv.business-failed:60121": _BUSY,
    "isv.business-failed:60125": _BUSY,
    "isv.business-failed:60132": _BUSY,
    "isv.business-failed:70009": _BUSY,
    "isv.business-failed:120032": _BUSY,
}
"""By code and by sub code; a sub code that stands here counts before its code."""

DEFAULT: Final = _BUSY
"""For a code that is not in the table: tried again a few times, then shown; the cursor stays."""

LIMITED_SECONDS: Final = 60  # Douyin does not say how long


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """The error that a reply with another code than success means."""
    code, sub_code = str(reply.get("code", "")), str(reply.get("sub_code") or "")
    message = str(reply.get("sub_msg") or reply.get("msg") or "")[:200]
    resolution = CODES.get(sub_code) or CODES.get(code, DEFAULT)
    seconds = LIMITED_SECONDS if resolution.action is Action.WAIT else 0
    return PlatformError(resolution, f"{code} {sub_code}".strip(), message, seconds)
