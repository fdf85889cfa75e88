"""The bot's error codes: the app's, and those of the long connection (wecom.md 5.8, 12.1)."""

from __future__ import annotations

from typing import Final

from bot.channels.sending import Reaction, Resolution, Whose
from bot.channels.wecom_app.errors import CODES as APP_CODES

CODES: Final[dict[int, Resolution]] = {
    **APP_CODES,
    40014: Resolution(Reaction.RETRY, Whose.PLATFORM, "机器人连接尚未就绪，稍后自动重试"),
    846605: Resolution(Reaction.USED, Whose.PLATFORM, "回复时限已过"),
    846608: Resolution(Reaction.USED, Whose.PLATFORM, "流式消息已过期"),
    853000: Resolution(Reaction.ALERT, Whose.IT, "机器人 ID 或 Secret 不正确，请检查配置"),
}
NOT_CONNECTED: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "机器人未连接，稍后自动重试")
NO_CHANGE: Final = Resolution(Reaction.USED, Whose.PLATFORM, "机器人的卡片只能在点击时更新")
UNKNOWN_CODE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "平台返回了未知错误")
