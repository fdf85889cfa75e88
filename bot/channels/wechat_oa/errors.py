"""The service account's error codes (customer-messages.md 5). `customer` is what a code says about a binding."""

from __future__ import annotations

from typing import Final

from bot.channels.sending import Reaction, Resolution, Whose

_TOKEN: Final = Resolution(Reaction.REFRESH, Whose.IT, "服务号凭证失效，请检查 AppSecret")

CODES: Final[dict[int, Resolution]] = {
    -1: Resolution(Reaction.RETRY, Whose.PLATFORM, "微信繁忙，稍后自动重试"),
    40001: _TOKEN,
    40003: Resolution(Reaction.PERSON, Whose.RECEIVER, "客户的 openid 已失效", customer="unfollowed"),
    40013: Resolution(Reaction.ALERT, Whose.IT, "AppID 不正确，请检查配置"),
    40014: _TOKEN,
    40037: Resolution(Reaction.GIVE_UP, Whose.IT, "模板不存在或已随类目删除，请检查模板 ID"),
    41030: Resolution(Reaction.GIVE_UP, Whose.IT, "小程序页面未发布"),
    42001: _TOKEN,
    43004: Resolution(Reaction.PERSON, Whose.RECEIVER, "客户没有关注服务号", customer="unfollowed"),
    43101: Resolution(Reaction.PERSON, Whose.RECEIVER, "客户拒收这类通知", customer="refused"),
    43107: Resolution(Reaction.ALERT, Whose.IT, "服务号的通知能力被封禁"),
    43108: Resolution(Reaction.RETRY, Whose.PLATFORM, "同一客户并发发送，稍后自动重试"),
    45009: Resolution(Reaction.WAIT, Whose.PLATFORM, "今日发送额度用完", wait_seconds=3600),
    45109: Resolution(Reaction.ALERT, Whose.HUB, "接口已下线或凭证种类不对"),
    45168: Resolution(Reaction.GIVE_UP, Whose.HUB, "消息含敏感词"),
    47003: Resolution(Reaction.GIVE_UP, Whose.HUB, "模板里有一项内容不合格式"),
    48001: Resolution(Reaction.ALERT, Whose.IT, "服务号没有这个接口的权限"),
    48006: Resolution(Reaction.WAIT, Whose.PLATFORM, "本月清零次数用完，等到明天", wait_seconds=3600),
}
"""An error that is about one template says GIVE_UP: ALERT would put the whole account behind the other ways."""

_NO_CREDIT: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "客户没有订阅，或订阅的次数已用完", customer="closed")
NOTICE_CODES: Final[dict[int, Resolution]] = {
    **CODES,
    40003: Resolution(Reaction.PERSON, Whose.RECEIVER, "客户的 openid 已失效", customer="closed"),
    43101: _NO_CREDIT,
}
"""The same for notices that somebody allowed once: `customer` ends the credit, not the binding."""
