"""What is done with one callback of the long connection: parse, answer within the five seconds, owe what did not get
through. Runs on a pool thread, so an error must end here."""

from __future__ import annotations

from typing import Final

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot import feedback, replies
from bot.card import Card
from bot.channels.pace import Pace
from bot.channels.sending import Body, Reaction, SendError
from bot.channels.wecom_bot import parse
from bot.channels.wecom_bot.connection import Link
from bot.channels.wecom_bot.render import growing
from bot.channels.wecom_bot.senders import Senders, Unnamed
from bot.crypto import BadEnvelope
from bot.heard import Heard
from bot.mishap import described
from bot.owed import body_of, purpose_of, staff_id
from bot.payload import BadPayload
from bot.pen import button_keys
from bot.phrases import BUSY
from bot.replies import BotReply, Place
from config_chat import WecomBot
from handlers.desk import OpenDesk
from handlers.incoming import Incoming
from handlers.owe import Owed, owe

log = structlog.get_logger()
_COMMANDS: Final = {
    Place.MESSAGE: "aibot_respond_msg",
    Place.WELCOME: "aibot_respond_welcome_msg",
    Place.UPDATE: "aibot_respond_update_msg",
}


def hear(
    open_desk: OpenDesk, settings: WecomBot, link: Link, frame: tuple[str, Body], *, pace: Pace | None = None,
    senders: Senders | None = None,
) -> None:  # fmt: skip
    """Answer the callback (req_id, body). `pace` counts the answer: pushes into the same chat share its rate;
    `senders` knows who is behind an encrypted id."""
    try:
        frame = (frame[0], {**senders.plain(frame[1])} if senders is not None else frame[1])
        with open_desk() as desk:
            keys = button_keys(desk.settings.security.button_keys)
            if (judged := parse.feedback(frame[1])) is not None:
                feedback.keep(desk, judged)
                return
            heard = parse.heard(frame[1], settings, keys, desk.now)
            reply = replies.of_bot(desk, heard, repeats=False) if heard is not None else None
    except Unnamed as unnamed:
        _say(link, frame, str(unnamed))
        return
    except (BadEnvelope, BadPayload) as error:
        log.warning("frame_ignored", why=str(error))
        return
    except SQLAlchemyError as error:
        log.error("frame_failed", **described(error))
        _say(link, frame, BUSY)
        return
    if heard is not None and reply is not None:
        if pace is not None:
            _count(pace, heard.incoming)
        _respond(open_desk, link, frame[0], (heard, reply))


def _say(link: Link, frame: tuple[str, Body], words: str) -> None:
    """Only a message has room for a sentence."""
    if frame[1].get("msgtype") == "event":
        return
    try:
        link.request(_COMMANDS[Place.MESSAGE], growing(str(frame[1].get("msgid", "")), words, finish=True), frame[0])
    except SendError as error:
        log.warning("reply_not_taken", place=Place.MESSAGE, code=error.code)


def _count(pace: Pace, incoming: Incoming) -> None:
    try:
        pace.count(incoming.chat if incoming.is_group else incoming.sender)
    except RedisError:
        log.warning("reply_not_counted")


def _respond(open_desk: OpenDesk, link: Link, req_id: str, answered: tuple[Heard, BotReply]) -> None:
    heard, reply = answered
    try:
        _request(link, reply, req_id)
    except SendError as error:
        log.warning("reply_not_taken", place=reply.place, code=error.code)
        # An unknown outcome is most likely a delivered one; who only opened the chat asked for nothing.
        if reply.place is not Place.WELCOME and not error.unknown:
            _owe(open_desk, heard.incoming, reply)


def _request(link: Link, reply: BotReply, req_id: str) -> None:
    """Raises SendError. A card changes within the five seconds of its press or never (wecom.md 5.8), so where the
    platform was only busy it is asked once more at once."""
    try:
        link.request(_COMMANDS[reply.place], reply.body, req_id)
    except SendError as error:
        busy = error.code is not None and error.resolution.reaction is Reaction.RETRY
        if reply.place is not Place.UPDATE or not busy:
            raise
        link.request(_COMMANDS[reply.place], reply.body, req_id)


def _owe(open_desk: OpenDesk, incoming: Incoming, reply: BotReply) -> None:
    """Too fast for the platform, or too late: the answer waits its turn in the group or with the asker. What became of
    a press is for whoever pressed: a second card in the group would stand beside the first one."""
    with open_desk() as desk:
        home = desk.settings.bot.group if desk.settings.bot is not None else ""
        in_group = reply.place is Place.MESSAGE and incoming.is_group and incoming.chat == home
        recipient = "" if in_group else staff_id(desk, incoming.sender, incoming.channel)
        if not in_group and not recipient:
            return  # a stranger, whom no other way leads to
        key, channel = f"answer:{incoming.channel}:{incoming.message_id}", "group" if in_group else "staff"
        subject = reply.drawing.subject if reply.place is Place.UPDATE and isinstance(reply.drawing, Card) else ""
        body = body_of(reply.drawing, desk.vault)
        owe(desk, [Owed(key, channel, purpose_of(reply.drawing), subject or "answer", recipient, body)])
