"""The platforms' callbacks over HTTP. Each is answered from the request itself; what takes longer is owed and sent by
the worker. Bad input gets a status and a log line without its content, and leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Flask, Response, request
from pydantic_core import to_json
from redis import Redis

from bot import customers, ding_callbacks, mini, replies, xmltext
from bot.bot_door import BotDoor
from bot.calls import EXCUSED, Call, Calls, Reply, Take, body_of, excused
from bot.card import Card, as_text
from bot.channels.wechat_oa import parse as oa_parse
from bot.channels.wecom_app import parse as app_parse
from bot.channels.wecom_app import passive as app_passive
from bot.channels.wecom_app.render import plain
from bot.channels.wecom_bot import parse as bot_parse
from bot.crypto import Crypto
from bot.envelope import Gate, Nonces
from bot.pen import button_keys
from config import Settings
from config_chat import WecomApp, Weixin
from handlers.desk import OpenDesk
from handlers.parse import warm

_XML: Final = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class Tools:
    redis: Redis
    nonces: Nonces


def blueprint(settings: Settings, open_desk: OpenDesk, redis: Redis) -> Blueprint:
    """Routes for the channels that `settings` names: /wecom/app, /wecom/bot (callback mode), /dingtalk/… (http mode),
    /wechat/oa. What these three are told is taken before the framework; it has their consoles' check of the address."""
    pages = Blueprint("callbacks", __name__)
    warm()
    nonces, takes = Nonces(redis), dict[str, Take]()
    if settings.wecom is not None:
        takes["/wecom/app"] = _of_app(pages, settings.wecom, open_desk, nonces)
    if settings.bot is not None and settings.bot.mode == "callback":
        takes["/wecom/bot"] = _of_bot(pages, settings, open_desk, Tools(redis, nonces))
    if settings.dingtalk is not None and settings.dingtalk.mode == "http":
        tools = ding_callbacks.Tools(redis, lambda: body_of(request.environ))
        ding_callbacks.routes(pages, settings.dingtalk, open_desk, tools)
    if settings.weixin is not None:
        takes["/wechat/oa"] = _of_account(pages, settings.weixin, open_desk, nonces)
    if settings.mini is not None:
        takes[mini.PATH] = mini.of_mini(settings.mini, open_desk)
    if settings.sms is not None and settings.sms.receipt_token:
        takes[f"/sms/{settings.sms.receipt_token}"] = customers.of_sms(settings.sms, open_desk)
        takes[f"/sms/{settings.sms.receipt_token}/answer"] = customers.of_sms_answers(settings.sms, open_desk)
    for kind in EXCUSED:
        pages.register_error_handler(kind, _excuse)
    pages.record(lambda state: _put_in_front(state.app, takes))
    return pages


def _put_in_front(app: object, takes: dict[str, Take]) -> None:
    assert isinstance(app, Flask)
    app.wsgi_app = Calls(takes, app.wsgi_app)  # type: ignore[method-assign]


def _of_app(pages: Blueprint, settings: WecomApp, open_desk: OpenDesk, nonces: Nonces) -> Take:
    gate = Gate("wecom_app", Crypto(settings.token, settings.aes_key, settings.corpid), nonces)

    @pages.get("/wecom/app")
    def app_echo() -> Response:
        return _echo(gate, open_desk)

    def take(call: Call) -> Reply:
        envelope = xmltext.parse(call.body)
        with open_desk() as desk:
            message = gate.open(call.query, envelope.get("Encrypt"), desk.now)
            heard = app_parse.heard(message, button_keys(desk.settings.security.button_keys))
            if heard is None:
                customers.ask_for_kf(desk, message)
                return Reply()
            said = replies.of_app(desk, heard)
            now, link = int(desk.now.timestamp()), desk.settings.hub.base_url
        if not said:
            return Reply()
        inner = app_passive.changed(said, link) if isinstance(said, Card) else app_passive.said(said)
        message = _passive(now, (heard.told, settings.corpid), inner)
        return _sealed(gate, call, now, message)

    return take


def _of_bot(pages: Blueprint, settings: Settings, open_desk: OpenDesk, tools: Tools) -> Take:
    assert settings.bot is not None
    gate = Gate("wecom_bot", Crypto(settings.bot.token, settings.bot.aes_key, ""), tools.nonces)
    bot = BotDoor(settings, open_desk, tools.redis)

    @pages.get("/wecom/bot")
    def bot_echo() -> Response:
        return _echo(gate, open_desk)

    def take(call: Call) -> Reply:
        envelope = bot_parse.tree_of(call.body)
        with open_desk() as desk:
            message = bot_parse.tree_of(gate.open(call.query, envelope.get("encrypt"), desk.now))
            reply, stamp = bot.answer(desk, message), int(desk.now.timestamp())
        if reply is None:
            return Reply()
        nonce = call.query.get("nonce", "")
        sealed, signature = gate.seal(to_json(reply), str(stamp), nonce)
        answer = {"encrypt": sealed, "msgsignature": signature, "timestamp": stamp, "nonce": nonce}
        return Reply(to_json(answer), "application/json")

    return take


def _of_account(pages: Blueprint, settings: Weixin, open_desk: OpenDesk, nonces: Nonces) -> Take:
    gate = Gate("wechat_oa", Crypto(settings.token, settings.aes_key, settings.appid), nonces)

    @pages.get("/wechat/oa")
    def account_echo() -> Response:
        with open_desk() as desk:
            gate.check_plain(request.args, desk.now)
        return Response(request.args.get("echostr", ""), mimetype="text/plain")

    def take(call: Call) -> Reply:
        envelope = xmltext.parse(call.body)
        with open_desk() as desk:
            message = gate.open(call.query, envelope.get("Encrypt"), desk.now)
            heard = oa_parse.heard(message, desk.now)
            drawing = customers.hear(desk, heard)
            now = int(desk.now.timestamp())
        if drawing is None or not isinstance(heard, oa_parse.Said):
            return Reply(b"success")
        said = plain(as_text(drawing) if isinstance(drawing, Card) else drawing)
        return _sealed(gate, call, now, _passive(now, (heard.incoming.sender, heard.account), app_passive.said(said)))

    return take


def _echo(gate: Gate, open_desk: OpenDesk) -> Response:
    with open_desk() as desk:
        return Response(gate.echo(request.args, desk.now), mimetype="text/plain")


def _passive(now: int, names: tuple[str, str], inner: xmltext.Fields) -> bytes:
    """A passive reply's message; `names`: to whom, from whom."""
    return xmltext.write((
        ("ToUserName", names[0]),
        ("FromUserName", names[1]),
        ("CreateTime", now),
        *inner,
    ))  # fmt: skip


def _sealed(gate: Gate, call: Call, now: int, message: bytes) -> Reply:
    nonce = call.query.get("nonce", "")
    sealed, signature = gate.seal(message, str(now), nonce)
    envelope = (("Encrypt", sealed), ("MsgSignature", signature), ("TimeStamp", now), ("Nonce", nonce))
    return Reply(xmltext.write(envelope), _XML)


def _excuse(error: Exception) -> Response:
    reply = excused(error, request.path, request.remote_addr or "")
    return Response(reply.body, status=reply.status, mimetype="text/plain")
