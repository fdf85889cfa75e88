"""Who speaks, where the bot is told encrypted ids: one that the super administrator did not make (wecom.md 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog
from redis import Redis

from bot.channels.sending import SendError
from config import Settings

if TYPE_CHECKING:
    from bot.channels.wecom_app.ids import PlainIds

log = structlog.get_logger()
NO_APP: Final = "暂时认不出您的账号：机器人收到的是加密账号，请让管理员配置企业微信自建应用。"
NO_ANSWER: Final = "暂时认不出您的账号，请稍后再发一次。"
STRANGER: Final = "认不出您的账号，请让管理员把您加入「订单中枢」应用的可见范围，并登记为成员。"


class Unnamed(Exception):
    """Nobody can tell who speaks. The text is for people."""


class Senders:
    """`settings.bot.userids` says how people are named. Encrypted ids are asked of the app, and kept."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self.encrypted = settings.bot is not None and settings.bot.userids == "encrypted"
        self._ids: PlainIds | None = None
        if self.encrypted and settings.wecom is not None:
            from bot.channels.wecom_app.api import QUICK, App
            from bot.channels.wecom_app.ids import PlainIds

            self._ids = PlainIds(App(settings.wecom, redis, QUICK))

    def plain(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The callback with the plain id of who speaks, the one that came beside it as `told`. Raises Unnamed."""
        speaker = body.get("from")
        told = speaker.get("userid") if isinstance(speaker, dict) else None
        if not self.encrypted or not isinstance(told, str) or not told:
            return body
        if self._ids is None:
            raise Unnamed(NO_APP)
        try:
            found = self._ids.plain_ids([told])[told]
        except SendError as error:
            log.warning("sender_not_converted", code=error.code, problem=str(error))
            raise Unnamed(NO_ANSWER) from None
        if found == told.lower():
            log.warning("sender_stays_encrypted")
        return {**body, "from": {"userid": found, "told": told}}
