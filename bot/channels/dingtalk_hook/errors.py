"""The webhook's error codes: what to do, whose matter it is, what to tell a person (dingtalk.md 2.3)."""

from __future__ import annotations

from typing import Final

from bot.channels.sending import Reaction, Resolution, Whose

_BUG: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "消息格式被钉钉拒绝")
_UNSAFE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "消息未通过钉钉的内容安全审核")
_GONE: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "钉钉群机器人已被移出群，或群已解散，请检查")
_TOKEN: Final = Resolution(Reaction.ALERT, Whose.IT, "钉钉群机器人的 token 不存在或已停用，请检查 dingtalk_hook 的配置")
TOO_FAST: Final = 410100

CODES: Final[dict[int, Resolution]] = {
    -1: Resolution(Reaction.RETRY, Whose.PLATFORM, "钉钉繁忙，稍后自动重试"),
    40035: _BUG,
    43004: _BUG,
    400013: _GONE,
    400101: _TOKEN,
    400102: _TOKEN,
    400105: _BUG,
    400106: _GONE,
    # Whoever sends too fast is shut out for ten minutes.
    TOO_FAST: Resolution(Reaction.WAIT, Whose.PLATFORM, "群机器人发送太频繁，十分钟后自动重试", wait_seconds=600),
    430101: _UNSAFE,
    430102: _UNSAFE,
    430103: _UNSAFE,
    430104: _UNSAFE,
    460101: Resolution(Reaction.GIVE_UP, Whose.HUB, "消息内容太长"),
    310000: Resolution(
        Reaction.ALERT, Whose.IT, "群机器人的安全设置没有通过：请核对加签密钥、本机时间，以及关键词和 IP 设置"
    ),
}
NO_CHANGE: Final = Resolution(Reaction.USED, Whose.PLATFORM, "群机器人的消息不能更新")
UNKNOWN_CODE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "钉钉返回了未知错误")
