"""The service account itself: the templates that it has, and codes whose scans come back as events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests
from redis import Redis

from bot.channels import calling
from bot.channels.sending import UNREACHABLE, SendError
from bot.channels.tokens import TIMEOUT, Http
from bot.channels.wechat_oa.client import OfficialApi
from bot.channels.wechat_oa.errors import CODES
from config_chat import Weixin

_CODE_SECONDS: Final = 30 * 24 * 3600  # as long as a code may live
_MOST_BYTES: Final = 400 * 1024


@dataclass(frozen=True, slots=True)
class Code:
    """`link`: what the picture leads to; `picture`: JPEG."""

    link: str
    picture: bytes


class Account:
    """Every method may raise SendError."""

    def __init__(self, settings: Weixin, redis: Redis) -> None:
        self._settings = settings
        self._api = OfficialApi(settings, redis)

    def templates(self) -> list[Mapping[str, Any]]:
        answer = calling.ask(self._api, "template/get_all_private_template", {}, CODES)
        listed = answer.get("template_list")
        return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []

    def code(self, scene: str) -> Code:
        """A code that carries `scene`, for 30 days."""
        wish = {
            "expire_seconds": _CODE_SECONDS,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        answer = calling.call(self._api, "qrcode/create", wish, CODES)
        ticket = str(answer.get("ticket", ""))
        return Code(str(answer.get("url", "")), self._picture(ticket))

    def _picture(self, ticket: str) -> bytes:
        gateway = self._settings.qr_gateway
        try:
            answer = Http(gateway).get(f"{gateway}/cgi-bin/showqrcode", params={"ticket": ticket}, timeout=TIMEOUT)
        except requests.RequestException:
            raise SendError(UNREACHABLE) from None
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("image/"):
            raise SendError(UNREACHABLE)
        return answer.content[:_MOST_BYTES]
