"""微信客服: customers write to the company's WeChat service, which may answer for a while (wecom.md 9.2)."""

from __future__ import annotations

from typing import Final

from bot.channels.channel import Channel, Tools
from bot.channels.sending import Sender
from bot.channels.wechat_oa import render
from config import Settings


def _configured(settings: Settings) -> bool:
    return settings.kf is not None and settings.wecom is not None


def _open(tools: Tools) -> Sender | None:
    if tools.settings.kf is None or tools.settings.wecom is None:
        return None
    from bot.channels.wecom_kf.client import KfSender

    return KfSender(tools.settings.kf, tools.settings.wecom.corpid, tools.redis)


CHANNEL: Final = Channel(render.render, _configured, _open)
