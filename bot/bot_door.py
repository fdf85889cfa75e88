"""What the smart bot's address answers once its envelope is open: messages, presses, who opens the chat, refreshes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

from bot import feedback
from bot.channels.sending import Body
from bot.channels.wecom_bot import parse, render
from bot.channels.wecom_bot.addresses import Addresses
from bot.channels.wecom_bot.senders import Senders, Unnamed
from bot.envelope import impatient
from bot.growing import Answers, Growings
from bot.heard import Heard
from bot.pen import button_keys
from config import Settings
from handlers.desk import Desk, OpenDesk

log = structlog.get_logger()


class BotDoor:
    def __init__(self, settings: Settings, open_desk: OpenDesk, redis: Redis) -> None:
        assert settings.bot is not None
        quick = impatient(redis)
        self._settings = settings.bot
        self._hooked = settings.wecom_hook is not None
        self._keys = button_keys(settings.security.button_keys)
        self._senders = Senders(settings, redis)
        self._addresses = Addresses(settings, quick)
        self._answers = Answers(open_desk, Growings(settings, quick))

    def answer(self, desk: Desk, message: Mapping[str, Any]) -> Body | None:
        """The reply's content, to be given when `desk` has committed; None where none is due. Raises BadEnvelope,
        SQLAlchemyError."""
        try:
            body = self._senders.plain(message)
        except Unnamed as unnamed:
            return self._to_nobody(message, str(unnamed))
        if (refresh := parse.refresh(body)) is not None:
            return self._answers.refreshed(refresh)
        if (judged := parse.feedback(body)) is not None:
            feedback.keep(desk, judged)
            return None
        heard = parse.heard(body, self._settings, self._keys, desk.now)
        if heard is None:
            return None
        self._note(heard)
        return self._answers.to(desk, heard)

    def _to_nobody(self, message: Mapping[str, Any], words: str) -> Body | None:
        """Only a message has room for a sentence."""
        msgid = str(message.get("msgid", ""))
        return None if message.get("msgtype") in ("event", "stream") else render.growing(msgid, words, finish=True)

    def _note(self, heard: Heard) -> None:
        """The address that takes one more message; nobody asks for a group's where the group has a webhook. What is
        answered in the callback itself counts for no rate: the platform's limits are those of the long connection
        (wecom.md 0.2)."""
        if not heard.reply_address or (heard.incoming.is_group and self._hooked):
            return
        try:
            self._addresses.keep(heard.incoming.chat, heard.reply_address)
        except RedisError as error:
            log.warning("reply_address_not_kept", error=type(error).__name__)
