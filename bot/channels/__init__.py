"""The chat channels, by the slug that the database keeps. A new one: a folder with the same file names, one line."""

from __future__ import annotations

from typing import Final

from bot.channels import (
    dingtalk,
    dingtalk_hook,
    dingtalk_notice,
    wechat_oa,
    wecom_app,
    wecom_appchat,
    wecom_bot,
    wecom_hook,
)
from bot.channels.channel import Channel, Render, Tools

__all__ = ["CHANNELS", "Channel", "Render", "Tools"]

CHANNELS: Final[dict[str, Channel]] = {
    "wecom_app": wecom_app.CHANNEL,
    "wecom_bot": wecom_bot.CHANNEL,
    "wecom_appchat": wecom_appchat.CHANNEL,
    "wecom_hook": wecom_hook.CHANNEL,
    "dingtalk": dingtalk.CHANNEL,
    "dingtalk_hook": dingtalk_hook.CHANNEL,
    "dingtalk_notice": dingtalk_notice.CHANNEL,
    "wechat_oa": wechat_oa.CHANNEL,
}
