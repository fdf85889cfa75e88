"""DingTalk's error codes: what to do, whose matter it is, what to tell a person (dingtalk.md 2.1, 2.3, 3.9, 4.2, 4.3).
Words are codes of the new host, numbers of the old one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.channels.sending import Reaction, Resolution, Whose

Code = int | str

_TOKEN: Final = Resolution(Reaction.REFRESH, Whose.IT, "钉钉应用的凭证失效，请检查 app_key 和 app_secret")
_SECRET: Final = Resolution(Reaction.ALERT, Whose.IT, "钉钉应用的 app_key 或 app_secret 不正确，请检查配置")
_BUSY: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "钉钉繁忙，稍后自动重试")
_SECOND: Final = Resolution(Reaction.WAIT, Whose.PLATFORM, "发送太频繁，稍后自动重试", wait_seconds=2)
_MINUTE: Final = Resolution(Reaction.WAIT, Whose.PLATFORM, "发送太频繁，一分钟后自动重试", wait_seconds=60)
_BANNED: Final = Resolution(Reaction.WAIT, Whose.PLATFORM, "钉钉暂时封禁了本机，五分钟后自动重试", wait_seconds=300)
_SCOPE: Final = Resolution(Reaction.ALERT, Whose.IT, "钉钉应用权限不足，请管理员在开发者后台开通权限")
_ADDRESS: Final = Resolution(Reaction.ALERT, Whose.IT, "本机 IP 不在钉钉应用的服务器出口 IP 内，请管理员添加")
_ROBOT: Final = Resolution(Reaction.ALERT, Whose.IT, "机器人不可用，请检查 robot_code，并发布应用版本")
_GROUP: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "钉钉群不可用，请检查机器人是否还在群里")
_NOBODY: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "收件人不在钉钉企业里，请检查成员账号")
_BUG: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "消息格式被钉钉拒绝")
_LONG: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "消息内容太长")
_UNSAFE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "消息未通过钉钉的内容安全审核")
_TEMPLATE: Final = Resolution(Reaction.ALERT, Whose.IT, "卡片模板不存在或没有发布，请检查 card_template")
_RANGE: Final = Resolution(Reaction.ALERT, Whose.IT, "成员不在钉钉应用的可使用范围内，请管理员调整")

USED_UP: Final = Resolution(Reaction.GIVE_UP, Whose.IT, "本月的钉钉接口额度已用完，请升级版本或等到下月")
UNITS_USED_UP: Final = Resolution(Reaction.GIVE_UP, Whose.IT, "本月的钉钉 Webhook 和 Stream 额度已用完")
UNKNOWN_CODE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "钉钉返回了未知错误")
BANNED: Final = 1111  # in an answer whose HTTP status is 200
SECOND: Final = _SECOND
TOO_MANY: Final = _MINUTE
NOBODY: Final = _NOBODY
GONE: Final = Resolution(Reaction.USED, Whose.PLATFORM, "消息已超过 24 小时，或已经撤回")
NO_RECALL: Final = Resolution(Reaction.GIVE_UP, Whose.PLATFORM, "钉钉上的卡片不能撤回")
NO_SUCH_FILE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "钉钉不支持发送这种文件，请改用 xlsx、pdf、zip 或图片")
EXISTS: Final = "param.cardAlreadyExist"
NO_USER: Final = frozenset({"param.userIdNotExist", "param.userIdEmpty"})

CODES: Final[dict[Code, Resolution]] = {
    "InvalidAuthentication": _TOKEN,
    "invalidClientIdOrSecret": _SECRET,
    "Forbidden.AccessDenied.AccessTokenPermissionDenied": _SCOPE,
    "Forbidden.AccessDenied.IpNotInWhiteList": _ADDRESS,
    "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi": _SECOND,
    "Forbidden.AccessDenied.QpsLimitForApi": _SECOND,
    "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi": _MINUTE,
    "Forbidden.AccessDenied.ApiCountLimitForOrg": USED_UP,
    "system.busy": _BUSY,
    "system.error": _BUSY,
    "systemBusy": _BUSY,
    # cards
    EXISTS: _BUG,
    "param.contentUnsafe": _UNSAFE,
    "param.cardNotExist": Resolution(Reaction.USED, Whose.PLATFORM, "卡片已不存在，不能更新"),
    "param.templateNotExist": _TEMPLATE,
    "param.templateUnpublished": _TEMPLATE,
    **dict.fromkeys(NO_USER, _NOBODY),
    "param.callbackRouteKeyExist": Resolution(Reaction.ALERT, Whose.IT, "card_route 已被别的回调地址占用，请换一个"),
    # robot messages
    "invalidParameter.msgParam.tooLong": _LONG,
    "invalidParameter.robotCode.auth": _ROBOT,
    "invalidParameter.robotCode.notExsit": _ROBOT,
    "invalidParameter.robotCode.empty": _ROBOT,
    "chatbotId.notAllow.sendOTO": _ROBOT,
    "robot.oto.notExist": _ROBOT,
    "resource.not.found": _GROUP,
    "invalid.openConversationId": _GROUP,
    "group.disbanded": _GROUP,
    "conversation.org.notMatch": _GROUP,
    "staffId.notExisted": _NOBODY,
    "send.too.fast": _MINUTE,
    "too.many.group": _MINUTE,
    "too.many.people": _MINUTE,
    "contain.unsafe.url": _UNSAFE,
    "contain.notAllowed.text": _UNSAFE,
    "contain.notAllowed.picture": _UNSAFE,
    "contain.notAllowed.content": _UNSAFE,
    "session.expired": Resolution(Reaction.USED, Whose.PLATFORM, "回复时限已过"),
    # the old host
    -1: _BUSY,
    BANNED: _BANNED,
    33001: _TOKEN,
    40001: _TOKEN,
    40014: _TOKEN,
    42001: _TOKEN,
    40035: _BUG,
    40089: _SECRET,
    400002: _BUG,
    50002: _RANGE,
    60011: _SCOPE,
    60020: _ADDRESS,
    60121: _NOBODY,
    90001: _MINUTE,
    90002: _SECOND,
    **dict.fromkeys(range(90003, 90015), _MINUTE),
    90017: _MINUTE,
    90018: _SECOND,
    90020: USED_UP,
}

# The new host's codes are families: of one that no table knows, the beginning says what it is.
_FAMILIES: Final = (
    ("param.", _BUG),
    ("invalid", _BUG),
    ("Missing", _BUG),
    ("Forbidden.AccessDenied.", _SCOPE),
    ("system", _BUSY),
    ("ServiceUnavailable", _BUSY),
)
# What the platform calls a permission: Card.Instance.Write, qyapi_robot_sendmsg.
_SCOPES: Final = re.compile(r"\b(?:qyapi_\w+|[A-Z][A-Za-z]+(?:\.[A-Z][A-Za-z]+)+)\b")


def resolution(code: Code, message: str = "", codes: Mapping[Code, Resolution] = CODES) -> Resolution:
    """What an error asks for; of a missing permission, which one."""
    known = codes.get(code)
    if known is None and isinstance(code, str):
        known = next((asked for start, asked in _FAMILIES if code.startswith(start)), None)
    known = known or UNKNOWN_CODE
    if known is _SCOPE and (named := [one for one in _SCOPES.findall(message) if not one.startswith("Forbidden")]):
        return replace(known, text=f"{known.text}：{'、'.join(dict.fromkeys(named))}")
    return known


def not_delivered(space: str, told: str) -> Resolution:
    """A card that was made and did not reach its chat; `told` is the platform's reason in words."""
    asked = _GROUP if space.upper() == "IM_GROUP" else _NOBODY
    return replace(asked, text=f"{asked.text}：{told[:100]}") if told else asked
