"""The webhook's error codes: the app's, in its own words where they differ (wecom.md 6.2)."""

from __future__ import annotations

from typing import Final

from bot.channels.sending import Reaction, Resolution, Whose
from bot.channels.wecom_app.errors import CODES as APP_CODES

CODES: Final[dict[int, Resolution]] = {
    **APP_CODES,
    40058: Resolution(Reaction.GIVE_UP, Whose.HUB, "消息格式被群的消息推送拒绝"),
    93000: Resolution(Reaction.ALERT, Whose.IT, "群的消息推送已被移除，或 webhook 的 key 不对，请检查配置"),
    93004: Resolution(Reaction.ALERT, Whose.IT, "群的消息推送已被停用，请群主或管理员启用"),
    93008: Resolution(Reaction.ALERT, Whose.IT, "群的消息推送不在这个群里，请重新添加"),
}
