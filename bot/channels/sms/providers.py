"""The providers, by the name in the settings. Each is imported only where it is configured."""

from __future__ import annotations

from bot.channels.sms.provider import Provider
from config_customers import Sms


def provider(settings: Sms) -> Provider:
    from bot.channels.sms.tencent import Tencent

    return Tencent(settings)
