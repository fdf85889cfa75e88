"""DingTalk's calls to our addresses (mode "http"): messages and presses, each answered in the body of our answer. What
is signed is the time alone (dingtalk.md 1.2, 3.3), so a repeat is known by what it says: by the message's id, or by
card, presser and button.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from flask import Blueprint, Response, request
from pydantic_core import to_json
from redis import Redis
from sqlalchemy.exc import SQLAlchemyError

from bot import ding_order, ding_replies
from bot.card import Text
from bot.channels.dingtalk import parse
from bot.channels.dingtalk.notes import Notes
from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk.shown import Shown
from bot.channels.dingtalk.thrift import thrift
from bot.channels.sending import Body
from bot.crypto import Untrusted
from bot.envelope import MOST_AGE_SECONDS, impatient
from bot.mishap import described
from bot.pen import button_keys
from bot.phrases import BUSY
from config_chat import DingTalk
from handlers.desk import OpenDesk

log = structlog.get_logger()
ROBOT: Final = "/dingtalk/robot"
CARD: Final = "/dingtalk/card"
_SILENCE: Final = {"msgtype": "empty"}


@dataclass(frozen=True, slots=True)
class Tools:
    """`body_of`: the request's body, of a size that we take."""

    redis: Redis
    body_of: Callable[[], bytes]


def routes(pages: Blueprint, settings: DingTalk, open_desk: OpenDesk, tools: Tools) -> None:
    """Only for whoever is called; with Stream mode there is nothing here."""
    body_of, redis = tools.body_of, impatient(tools.redis)
    quota, notes, shown = Quota(redis, settings), Notes(redis), Shown(redis)

    @pages.post(ROBOT)
    def robot() -> Response:
        raw, said, home = body_of(), None, ""
        stamp, sign = request.headers.get("timestamp", ""), request.headers.get("sign", "")
        try:
            with open_desk() as desk:
                home = desk.settings.hub.base_url
                _check(sign, stamp, (settings.app_secret, f"{stamp}\n{settings.app_secret}"), desk.now)
                said = parse.said(parse.tree_of(raw), settings, desk.now)
                reply = ding_replies.of_message(desk, said, thrift(quota, settings, desk.now))
        except SQLAlchemyError as error:
            if said is None:
                raise
            log.error("callback_failed", path=request.path, **described(error))
            return _json(ding_replies.spoken(Text(BUSY), said.incoming, home))  # no page says that it would come again
        quota.count(Kind.UNITS, 2 if reply is not None else 1)
        if said.used_up:
            quota.shut(Kind.UNITS)
        return _json(ding_replies.spoken(reply.words, said.incoming, home) if reply is not None else _SILENCE)

    @pages.post(CARD)
    def card() -> Response:
        raw, pressed = body_of(), None
        stamp = request.headers.get("x-ddpaas-signature-timestamp", "")
        sign = request.headers.get("x-ddpaas-signature", "")
        try:
            with open_desk() as desk:
                _check(sign, stamp, (settings.card_secret, stamp), desk.now)
                keys = button_keys(desk.settings.security.button_keys)
                pressed = parse.pressed(parse.tree_of(raw), keys, desk.now)
                seen = ding_replies.of_press(desk, pressed)
            quota.count(Kind.UNITS)
        except SQLAlchemyError as error:
            log.error("callback_failed", path=request.path, **described(error))
            seen = ding_replies.busy(settings, pressed)
        seen = ding_order.before(shown, pressed, seen)
        ding_replies.note_kept(notes, pressed, seen)
        answer = _json(seen.body if seen is not None else {})
        answer.call_on_close(partial(ding_order.after, open_desk, shown, pressed, seen))
        return answer


def _check(sign: str, stamp: str, signed: tuple[str, str], now: datetime) -> None:
    """`signed`: the secret and the text. Raises Untrusted."""
    secret, words = signed
    right = base64.b64encode(hmac.digest(secret.encode(), words.encode(errors="replace"), "sha256"))
    if not hmac.compare_digest(right, sign.encode(errors="replace")):
        raise Untrusted("signature differs")
    if not (stamp.isdecimal() and stamp.isascii() and len(stamp) <= 15):
        raise Untrusted("no timestamp")
    if abs(now.timestamp() - int(stamp) / 1000) > MOST_AGE_SECONDS:
        raise Untrusted("stale timestamp")


def _json(body: Body) -> Response:
    return Response(to_json(body), mimetype="application/json")
