"""WeCom's error codes: what to do, whose matter it is, what to tell a person (wecom.md 7.2)."""

from __future__ import annotations

from typing import Final

from bot.channels.sending import Reaction, Resolution, Whose

_BUSY: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "企业微信繁忙，稍后自动重试")
_TOKEN: Final = Resolution(Reaction.REFRESH, Whose.IT, "企业微信应用的凭证失效，请检查应用 Secret")
_NOBODY: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "收件人不在应用可见范围内，请检查成员账号")
_GROUP: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "群聊不可用，请检查机器人是否还在群里")
_BUG: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "消息格式被企业微信拒绝")
_LONG: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "消息内容太长")
_RIGHTS: Final = Resolution(Reaction.ALERT, Whose.IT, "应用权限不足，请管理员检查应用配置")
_FILE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "企业微信不收这个文件")
_HOOK: Final = Resolution(Reaction.ALERT, Whose.IT, "群机器人的 webhook 已失效、被停用或不在群里，请检查配置")
_TICKET: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "页面授权票据失效，稍后自动重试")
_WELCOME: Final = Resolution(Reaction.GIVE_UP, Whose.RECEIVER, "和顾客的会话已经开始，欢迎语没有发送")
_LOGIN: Final = Resolution(Reaction.GIVE_UP, Whose.RECEIVER, "登录已过期，请重新登录")

MEDIA_GONE: Final = 40007

CODES: Final[dict[int, Resolution]] = {
    -1: _BUSY,
    6000: _BUSY,
    40001: _TOKEN,
    40003: _NOBODY,
    40004: _FILE,
    40005: _FILE,
    40006: _FILE,
    MEDIA_GONE: _FILE,  # uploaded anew once
    40008: _BUG,
    40013: Resolution(Reaction.ALERT, Whose.IT, "企业 ID 不正确，请检查配置"),
    40014: _TOKEN,
    40029: _LOGIN,
    40031: _BUG,
    40032: _BUG,
    40033: Resolution(Reaction.GIVE_UP, Whose.HUB, "消息里有不允许的字符"),
    40050: _GROUP,
    40056: Resolution(Reaction.ALERT, Whose.IT, "应用 AgentId 不正确，请检查配置"),
    40058: _BUG,
    40063: _BUG,
    40066: _NOBODY,
    40068: _NOBODY,
    40073: _NOBODY,
    40091: Resolution(Reaction.ALERT, Whose.IT, "Secret 属于另一家企业，请检查配置"),
    40093: _TICKET,
    40096: _NOBODY,
    41001: _BUG,
    41004: Resolution(Reaction.ALERT, Whose.IT, "没有填写应用 Secret"),
    41006: _BUG,
    41011: _BUG,
    41016: _BUG,
    41033: _BUG,
    41051: _WELCOME,
    41096: _BUSY,
    42001: _TOKEN,
    43004: _NOBODY,
    44001: _FILE,
    44004: _BUG,
    45001: _FILE,
    45002: _LONG,
    45008: _LONG,
    45009: Resolution(Reaction.WAIT, Whose.PLATFORM, "发送太频繁，一分钟后自动重试", wait_seconds=60),
    45033: _BUSY,
    46004: _NOBODY,
    48002: _RIGHTS,
    48005: Resolution(Reaction.ALERT, Whose.HUB, "接口已下线"),
    50001: Resolution(Reaction.ALERT, Whose.IT, "网址不在应用的可信域名内，请管理员检查"),
    50002: _NOBODY,
    50003: Resolution(Reaction.ALERT, Whose.IT, "应用已停用，请管理员启用"),
    60011: _RIGHTS,
    60020: Resolution(Reaction.ALERT, Whose.IT, "本机 IP 不在企业可信 IP 内，请管理员添加"),
    60111: _NOBODY,
    60123: _NOBODY,
    80001: Resolution(Reaction.ALERT, Whose.IT, "可信域名未备案或不匹配"),
    81011: _RIGHTS,
    81013: _NOBODY,
    82001: _NOBODY,
    82002: _BUG,
    82003: _BUG,
    84014: _LOGIN,
    84015: _LOGIN,
    85002: Resolution(Reaction.GIVE_UP, Whose.HUB, "消息含敏感词"),
    86001: _GROUP,
    86003: _GROUP,
    86006: Resolution(Reaction.GIVE_UP, Whose.HUB, "群成员应为 2 到 2000 人，且都在应用可见范围内"),
    86216: _GROUP,
    93000: _HOOK,
    93004: _HOOK,
    93008: _HOOK,
    301002: _RIGHTS,
    301021: _NOBODY,
    830002: Resolution(Reaction.GIVE_UP, Whose.HUB, "文件下载的范围不对"),
    846608: Resolution(Reaction.USED, Whose.PLATFORM, "流式消息已过期"),
}

# update_template_card answers a used or expired code by "invalid parameter": that card cannot be changed any more.
CANNOT_CHANGE: Final = Resolution(Reaction.USED, Whose.PLATFORM, "卡片已不能更新")
CHANGE_CODES: Final[dict[int, Resolution]] = {**CODES, 40058: CANNOT_CHANGE}

# A message that is unknown, too old or taken back already: nothing is left to take back.
RECALL_CODES: Final[dict[int, Resolution]] = {
    **CODES,
    40058: Resolution(Reaction.USED, Whose.PLATFORM, "消息已超过 24 小时，或已经撤回"),
}
