"""Tells DingTalk where presses on our cards go in mode "http": one name, one address (dingtalk.md 3.3)."""

from __future__ import annotations

from typing import Final

from redis import Redis

from bot.channels.dingtalk.api import DingApi
from config import Settings

_PATH: Final = "v1.0/card/callbacks/register"
CARD: Final = "/dingtalk/card"


def register(settings: Settings, redis: Redis) -> str:
    """The registered address; "" where presses come another way. Again and again is harmless: the name is ours, and the
    newest address counts. Raises SendError."""
    robot = settings.dingtalk
    if robot is None or robot.mode != "http":
        return ""
    address = f"{settings.hub.base_url}{CARD}"
    asked = {
        "callbackRouteKey": robot.card_route,
        "callbackUrl": address,
        "apiSecret": robot.card_secret,
        "forceUpdate": True,
    }
    DingApi(robot, redis).call("POST", _PATH, asked)
    return address
