"""The platforms' callbacks over HTTP. Each is answered from the request itself; what takes longer is owed and sent by
the worker. Bad input gets a status and a log line without its content, and leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import structlog
from flask import Blueprint, Response, request
from pydantic_core import to_json
from redis import Redis
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from bot import ding_callbacks, replies, router, xmltext
from bot.bot_door import BotDoor
from bot.card import Card, Drawing, as_text
from bot.channels.wechat_oa import parse as oa_parse
from bot.channels.wecom_app import parse as app_parse
from bot.channels.wecom_app import passive as app_passive
from bot.channels.wecom_app.render import plain
from bot.channels.wecom_bot import parse as bot_parse
from bot.crypto import BadEnvelope, Crypto
from bot.envelope import MOST_BYTES, Gate, Nonces
from bot.mishap import described
from bot.payload import BadPayload
from bot.pen import button_key
from config import Settings
from config_chat import WecomApp, Weixin
from handlers import customers
from handlers.desk import Desk, OpenDesk
from handlers.parse import warm

log = structlog.get_logger()
_XML: Final = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class Tools:
    redis: Redis
    nonces: Nonces


def blueprint(settings: Settings, open_desk: OpenDesk, redis: Redis) -> Blueprint:
    """Routes for the channels that `settings` names: /wecom/app, /wecom/bot (callback mode), /dingtalk/… (http mode),
    /wechat/oa."""
    pages = Blueprint("callbacks", __name__)
    warm()
    nonces = Nonces(redis)
    if settings.wecom is not None:
        _app_routes(pages, settings.wecom, open_desk, nonces)
    if settings.bot is not None and settings.bot.mode == "callback":
        _bot_routes(pages, settings, open_desk, Tools(redis, nonces))
    if settings.dingtalk is not None and settings.dingtalk.mode == "http":
        ding_callbacks.routes(pages, settings.dingtalk, open_desk, ding_callbacks.Tools(redis, _body))
    if settings.weixin is not None:
        _official_routes(pages, settings.weixin, open_desk, nonces)
    pages.register_error_handler(BadEnvelope, _refuse)
    pages.register_error_handler(BadPayload, _ignore)
    pages.register_error_handler(RequestEntityTooLarge, _too_large)
    pages.register_error_handler(SQLAlchemyError, _unavailable)
    return pages


def _app_routes(pages: Blueprint, settings: WecomApp, open_desk: OpenDesk, nonces: Nonces) -> None:
    gate = Gate("wecom_app", Crypto(settings.token, settings.aes_key, settings.corpid), nonces)

    @pages.get("/wecom/app")
    def app_echo() -> Response:
        return _echo(gate, open_desk)

    @pages.post("/wecom/app")
    def app_take() -> Response:
        envelope = xmltext.parse(_body())
        with open_desk() as desk:
            message = gate.open(request.args, envelope.get("Encrypt"), desk.now)
            heard = app_parse.heard(message, button_key(desk.settings.security.button_key))
            if heard is None:
                return _empty()
            said = replies.of_app(desk, heard)
            now, link = int(desk.now.timestamp()), desk.settings.hub.base_url
        if not said:
            return _empty()
        inner = app_passive.changed(said, link) if isinstance(said, Card) else app_passive.said(said)
        return _xml_reply(gate, now, (heard.incoming.sender, settings.corpid), inner)


def _bot_routes(pages: Blueprint, settings: Settings, open_desk: OpenDesk, tools: Tools) -> None:
    assert settings.bot is not None
    gate = Gate("wecom_bot", Crypto(settings.bot.token, settings.bot.aes_key, ""), tools.nonces)
    bot = BotDoor(settings, open_desk, tools.redis)

    @pages.get("/wecom/bot")
    def bot_echo() -> Response:
        return _echo(gate, open_desk)

    @pages.post("/wecom/bot")
    def bot_take() -> Response:
        envelope = bot_parse.tree_of(_body())
        with open_desk() as desk:
            message = bot_parse.tree_of(gate.open(request.args, envelope.get("encrypt"), desk.now))
            now = desk.now
        reply = bot.answer(message, now)
        if reply is None:
            return _empty()
        stamp, nonce = int(now.timestamp()), request.args.get("nonce", "")
        sealed, signature = gate.seal(to_json(reply), str(stamp), nonce)
        answer = {"encrypt": sealed, "msgsignature": signature, "timestamp": stamp, "nonce": nonce}
        return Response(to_json(answer), mimetype="application/json")


def _official_routes(pages: Blueprint, settings: Weixin, open_desk: OpenDesk, nonces: Nonces) -> None:
    gate = Gate("wechat_oa", Crypto(settings.token, settings.aes_key, settings.appid), nonces)

    @pages.get("/wechat/oa")
    def official_echo() -> Response:
        with open_desk() as desk:
            gate.check_plain(request.args, desk.now)
        return Response(request.args.get("echostr", ""), mimetype="text/plain")

    @pages.post("/wechat/oa")
    def official_take() -> Response:
        envelope = xmltext.parse(_body())
        with open_desk() as desk:
            message = gate.open(request.args, envelope.get("Encrypt"), desk.now)
            heard = oa_parse.heard(message, desk.now)
            drawing = _hear_customer(desk, heard)
            now = int(desk.now.timestamp())
        if drawing is None or not isinstance(heard, oa_parse.Said):
            return Response("success", mimetype="text/plain")
        said = plain(as_text(drawing) if isinstance(drawing, Card) else drawing)
        return _xml_reply(gate, now, (heard.incoming.sender, heard.account), app_passive.said(said))


def _hear_customer(desk: Desk, heard: oa_parse.Said | oa_parse.Delivered | None) -> Drawing | None:
    if isinstance(heard, oa_parse.Said):
        return router.hear_customer(desk, heard.incoming, followed=heard.followed)
    if isinstance(heard, oa_parse.Delivered):
        done = heard
        return router.once(
            desk, ("wechat_oa", done.message_id), lambda: customers.delivered(desk, done.msgid, done.status)
        )
    return None


def _echo(gate: Gate, open_desk: OpenDesk) -> Response:
    with open_desk() as desk:
        return Response(gate.echo(request.args, desk.now), mimetype="text/plain")


def _xml_reply(gate: Gate, now: int, names: tuple[str, str], inner: xmltext.Fields) -> Response:
    """A passive reply; `names`: to whom, from whom."""
    message = xmltext.write((
        ("ToUserName", names[0]),
        ("FromUserName", names[1]),
        ("CreateTime", now),
        *inner,
    ))  # fmt: skip
    nonce = request.args.get("nonce", "")
    sealed, signature = gate.seal(message, str(now), nonce)
    envelope = (("Encrypt", sealed), ("MsgSignature", signature), ("TimeStamp", now), ("Nonce", nonce))
    return Response(xmltext.write(envelope), content_type=_XML)


def _empty() -> Response:
    return Response(b"", mimetype="text/plain")


def _body() -> bytes:
    """Raises RequestEntityTooLarge. A body in chunks tells no length: werkzeug cuts it at the limit without a word, so
    the limit is one more than what is taken."""
    request.max_content_length = MOST_BYTES + 1
    body = request.get_data(cache=False)
    if len(body) > MOST_BYTES:
        raise RequestEntityTooLarge
    return body


def _refuse(error: BadEnvelope) -> Response:
    log.warning("callback_refused", path=request.path, why=str(error), status=error.status, peer=request.remote_addr)
    return Response(status=error.status)


def _ignore(error: BadPayload) -> Response:
    # Platform and sender are known; only the button is not ours, or its key is no longer in the configuration.
    log.warning("press_ignored", path=request.path, why=str(error))
    return _empty()


def _too_large(_error: RequestEntityTooLarge) -> Response:
    log.warning("callback_refused", path=request.path, why="body too large", status=413, peer=request.remote_addr)
    return Response(status=413)


def _unavailable(error: SQLAlchemyError) -> Response:
    # Nothing was marked as seen, so the platform's next try starts afresh.
    log.error("callback_failed", path=request.path, **described(error))
    return Response(status=503)
