"""The chat channels, by the slug that the database keeps. A new one: a folder with the same file names, one line."""

from __future__ import annotations

from typing import Final

from bot.channels import (
    dingtalk,
    dingtalk_hook,
    dingtalk_notice,
    sms,
    wechat_mini,
    wechat_oa,
    wechat_subscribe,
    wecom_app,
    wecom_appchat,
    wecom_bot,
    wecom_hook,
    wecom_kf,
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
    "wechat_subscribe": wechat_subscribe.CHANNEL,
    "wechat_mini": wechat_mini.CHANNEL,
    "wecom_kf": wecom_kf.CHANNEL,
    "sms": sms.CHANNEL,
}
