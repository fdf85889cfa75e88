"""The reply address that comes with a message (sessionWebhook): it takes texts for that chat, for a while, without a
token (dingtalk.md 1.4, 2.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import requests

from bot.channels.dingtalk.errors import resolution
from bot.channels.sending import UNREACHABLE, Body, Reaction, Resolution, SendError, Whose
from bot.channels.tokens import Http
from config_chat import DingTalk

_MARGIN: Final = timedelta(seconds=10)
_TIMEOUT: Final = (3.0, 5.0)
EXPIRED: Final = Resolution(Reaction.USED, Whose.PLATFORM, "回复时限已过")
ELSEWHERE: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "回复地址不是钉钉的")


class Sessions:
    """Answers by reply addresses."""

    def __init__(self, settings: DingTalk) -> None:
        self._host = urlsplit(settings.old_gateway)[:2]
        self._wire = Http(settings.old_gateway)

    def answer(self, address: str, until: datetime | None, body: Body, now: datetime) -> None:
        """Raises SendError; `unknown` where it may have arrived."""
        if not address or (until is not None and until - _MARGIN <= now):
            raise SendError(EXPIRED)
        if urlsplit(address)[:2] != self._host:  # the address is part of what came in
            raise SendError(ELSEWHERE)
        try:
            answer = self._wire.post(address, json=body, timeout=_TIMEOUT, allow_redirects=False)
            told = answer.json()
            code = told["errcode"]
        except (requests.ConnectTimeout, requests.exceptions.ProxyError):
            raise SendError(UNREACHABLE) from None
        except (requests.RequestException, ValueError, KeyError, TypeError):
            raise SendError(UNREACHABLE, unknown=True) from None
        if code not in (0, "0"):
            number = int(code) if str(code).lstrip("-").isdecimal() else -1
            raise SendError(resolution(number), number)
