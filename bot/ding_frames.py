"""What is done with one frame of DingTalk's long connection. Runs on a pool thread, so an error must end here.

A message is acknowledged when what it did is committed: whoever dies before that leaves it to the platform, which
pushes it again, and the message id keeps it from being done twice. The answer follows the acknowledgement, and goes out
once.
A press is pushed but once; its answer is part of the acknowledgement.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot import ding_order, ding_replies
from bot.card import Text
from bot.channels.dingtalk import parse
from bot.channels.dingtalk.connection import MESSAGES, PRESSES, Frame, Link
from bot.channels.dingtalk.notes import Notes
from bot.channels.dingtalk.parse import Said
from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk.session import Sessions
from bot.channels.dingtalk.shown import Shown
from bot.channels.dingtalk.thrift import thrift
from bot.channels.sending import SendError
from bot.crypto import BadEnvelope
from bot.ding_replies import Reply
from bot.envelope import impatient
from bot.mishap import described
from bot.payload import BadPayload
from bot.pen import button_keys
from bot.phrases import BUSY
from config_chat import DingTalk
from handlers.desk import OpenDesk
from handlers.owe import owe

log = structlog.get_logger()
_NOT_FOUND: Final = 404
_ANSWERED: Final = "hub:dingtalk:answered:{}"
_SORRY: Final = "hub:dingtalk:sorry:{}"
_REMEMBERED: Final = 24 * 3600  # seconds


Work = Callable[[], None]


class Ear:
    """Hears for one robot. `speak` gives an answer, soon and on another thread: reply addresses may be slow, and a
    press has two seconds. Without it answers are given at once."""

    def __init__(
        self, open_desk: OpenDesk, settings: DingTalk, redis: Redis, speak: Callable[[Work], None] = lambda work: work()
    ) -> None:
        self._open_desk = open_desk
        self._speak = speak
        self._settings = settings
        self._redis = redis
        self._sessions = Sessions(settings)
        self._quota = Quota(redis, settings)
        self._notes = Notes(redis)
        self._shown = Shown(impatient(redis))

    def hear(self, link: Link, frame: Frame) -> None:
        if frame.topic == MESSAGES:
            self._message(link, frame)
        elif frame.topic == PRESSES:
            self._press(link, frame)
        else:
            link.acknowledge(frame.message_id, code=_NOT_FOUND)
        self._quota.count(Kind.UNITS)

    def _message(self, link: Link, frame: Frame) -> None:
        said = None
        try:
            with self._open_desk() as desk:
                said = parse.said(parse.tree_of(frame.text), self._settings, desk.now)
                reply = ding_replies.of_message(desk, said, thrift(self._quota, self._settings, desk.now))
        except BadEnvelope as error:
            log.warning("frame_ignored", why=str(error))
            link.acknowledge(frame.message_id)
            return
        except SQLAlchemyError as error:
            log.error("frame_failed", **described(error))
            if said is not None and self._once(_SORRY, said):
                self._speak(partial(self._sorry, said, desk.now))
            return  # not acknowledged: it comes again, most likely
        link.acknowledge(frame.message_id)
        if said.used_up:
            self._quota.shut(Kind.UNITS)
        if reply is not None and self._once(_ANSWERED, said):
            self._speak(partial(self._answer, said, reply))

    def _answer(self, said: Said, reply: Reply) -> None:
        with self._open_desk() as desk:
            now, home = desk.now, desk.settings.hub.base_url
        body = ding_replies.spoken(reply.words, said.incoming, home)
        try:
            self._sessions.answer(said.reply, said.reply_until, body, now)
            self._quota.count(Kind.UNITS)
        except SendError as error:
            log.warning("reply_not_taken", code=error.code, problem=str(error))
            # An unknown outcome is most likely a delivered one.
            if reply.asker and not error.unknown:
                with self._open_desk() as desk:
                    owe(desk, [ding_replies.owed_answer(desk, said.incoming, reply.asker, reply.words)])

    def _sorry(self, said: Said, now: datetime) -> None:
        """Without the database, which is away."""
        try:
            self._sessions.answer(said.reply, said.reply_until, ding_replies.spoken(Text(BUSY), said.incoming, ""), now)
            self._quota.count(Kind.UNITS)
        except SendError as error:
            log.warning("reply_not_taken", code=error.code, problem=str(error))

    def _press(self, link: Link, frame: Frame) -> None:
        pressed, seen = None, None
        try:
            with self._open_desk() as desk:
                keys = button_keys(desk.settings.security.button_keys)
                pressed = parse.pressed(parse.tree_of(frame.text), keys, desk.now)
                seen = ding_replies.of_press(desk, pressed)
        except (BadEnvelope, BadPayload) as error:
            log.warning("press_ignored", why=str(error))
        except SQLAlchemyError as error:
            log.error("frame_failed", **described(error))
            seen = ding_replies.busy(self._settings, pressed)
        seen = ding_order.before(self._shown, pressed, seen)
        link.acknowledge(frame.message_id, seen.body if seen is not None else None)
        ding_order.after(self._open_desk, self._shown, pressed, seen)
        ding_replies.note_kept(self._notes, pressed, seen)

    def _once(self, what: str, said: Said) -> bool:
        """Whether the answer is still to be given: a message that was pushed again has it already, unless whoever took
        it died before. Without Redis an answer is rather given twice."""
        try:
            name = what.format(said.incoming.message_id)
            return bool(self._redis.set(name, 1, nx=True, ex=_REMEMBERED))
        except RedisError as error:
            log.warning("answers_not_counted", error=type(error).__name__)
            return True
