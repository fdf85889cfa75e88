"""The WeChat service account 服务号: template messages to customers and what customers write."""

import re
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox import chat_xml as xml
from sandbox.chat_core import Chat, chat_of
from sandbox.chat_crypto import Crypto, ProtocolError
from sandbox.chat_errors import Refused
from sandbox.chat_limits import Tokens
from sandbox.chat_wire import Outcome, Parcel, Reply
from sandbox.company_customers import Template
from sandbox.state import State

# Section 4; the key's letters are its type.
TYPES = {
    "thing": r"[^\n\r\t]{1,20}",
    "character_string": r"[\x21-\x7e ]{1,32}",
    "phrase": r"[\u4e00-\u9fa5]{1,5}",
    "amount": r"[¥￥$€£]?\d{1,10}(\.\d{1,2})?元?",
    "name": r"([\u4e00-\u9fa5·]{1,10}|[A-Za-z .·]{1,20})",
    "phone_number": r"[+\d\-() ]{1,17}",
    "number": r"-?\d{1,32}(\.\d+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "car_number": r"[^\n\r\t]{1,8}",
    "short_thing": r"[^\n\r\t]{1,10}",
    "const": r"[^\n\r\t]{1,20}",
    "enum": r"[^\n\r\t]{1,20}",
}
DAY = r"(\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-./]\d{1,2}[-./]\d{1,2})"
HOUR = r"\d{1,2}:\d{2}(:\d{2})?"
MOMENT = rf"(({DAY}( ?{HOUR})?)|{HOUR})"
TYPES["time"] = TYPES["date"] = rf"{MOMENT}( ?~ ?{MOMENT})?"
IGNORED = {"first", "remark"}  # removed from the display in 2023, accepted without a word
TOKENS_A_DAY = 2000
TWIN_LIFE = timedelta(minutes=10)


class Weixin:
    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.store = chat.store
        self.settings = chat.state.company.weixin
        self.clock = chat.state.clock
        self.crypto = Crypto(self.settings.token, self.settings.aes_key, self.settings.appid)
        self.tokens = Tokens(self.clock, renewing=True)
        self.templates = {template.id: template for template in self.settings.templates}
        self.protocol_errors: list[str] = []
        self.left: set[str] = set()  # who follows no more
        self.removed: set[str] = set()  # templates that went with their category
        self.refusals: set[tuple[str, str]] = set()  # (openid, template) that somebody does not want
        self._twins: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._fetched: dict[str, int] = {}
        chat.state.on_reset.append(self.forget)

    def forget(self) -> None:
        self.tokens.expire()
        self._twins.clear()
        self._fetched.clear()
        self.protocol_errors.clear()
        for kept in (self.left, self.removed, self.refusals):
            kept.clear()

    def fetch_token(self) -> dict[str, Any]:
        day = self.clock.beijing().date().isoformat()
        if self._fetched.get(day, 0) >= TOKENS_A_DAY:
            raise Refused(45009, "reach max api daily quota limit")
        self._fetched[day] = self._fetched.get(day, 0) + 1
        token, seconds = self.tokens.fetch()
        return {"access_token": token, "expires_in": seconds}

    # to customers

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        openid = str(body.get("touser", ""))
        if openid not in self.store.customers:
            raise Refused(40003, "invalid openid")
        template = self.templates.get(str(body.get("template_id", "")))
        if template is None or template.id in self.removed:
            raise Refused(40037, "invalid template_id")
        values = checked_values(template, body.get("data"))
        if self.chat.switches.take("unfollow") or openid in self.left:
            raise Refused(43004, "require subscribe")
        if (openid, template.id) in self.refusals:
            raise Refused(43101, "user refuse to accept the msg")
        return {"errcode": 0, "errmsg": "ok", "msgid": self._accept(openid, template, values, body)}

    def _accept(self, openid: str, template: Template, values: dict[str, str], body: dict[str, Any]) -> int:
        twin = (openid, str(body.get("client_msg_id", "")))
        at, msgid = self._twins.get(twin, (self.clock.now() - TWIN_LIFE, 0))
        if twin[1] and self.clock.now() - at < TWIN_LIFE:
            return msgid
        msgid = next(self.chat.msgids)
        self._twins[twin] = (self.clock.now(), msgid)
        blocked = self.chat.switches.take("block_customer")
        if not blocked:
            lines = [{"label": template.keys[key], "value": value} for key, value in values.items()]
            target = body.get("miniprogram") or body.get("url") or ""
            shown = {"title": template.title, "lines": lines, "url": target if isinstance(target, str) else ""}
            self.store.add(f"oa:{openid}", "oa", "template", shown)
        self.chat.later(self._tell_finished, openid, msgid, "failed:user block" if blocked else "success")
        return msgid

    def _tell_finished(self, openid: str, msgid: int, status: str) -> None:
        event = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": msgid, "Status": status}
        self._post(openid, self._head(openid, "event") | event)

    # from customers

    def say(self, openid: str, text: str) -> Outcome:
        self.store.add(f"oa:{openid}", openid, "text", {"content": text})
        return self._post(openid, self._head(openid, "text") | {"Content": text, "MsgId": next(self.chat.msgids)})

    def show(self, openid: str, content: bytes) -> Outcome:
        """A photograph; the account is told where its media store has it, for three days."""
        kept = self.store.keep("photo.jpg", "image", content, "image/jpeg")
        shown = {"media_id": kept.media_id, "name": kept.name, "size": len(content)}
        self.store.add(f"oa:{openid}", openid, "image", shown)
        own = {"PicUrl": "http://mmbiz.example/photo", "MediaId": kept.media_id, "MsgId": next(self.chat.msgids)}
        return self._post(openid, self._head(openid, "image") | own)

    def verify_url(self) -> str:
        """The check of the console: the answer is echostr itself, which is not encrypted here."""
        stamp, nonce, echo = str(self.chat.seconds()), secrets.token_hex(5), secrets.token_hex(10)
        query = {"signature": self.crypto.plain_sign(stamp, nonce), "timestamp": stamp, "nonce": nonce, "echostr": echo}
        reply = self.chat.wire.get(self.chat.hub(self.settings.callback), query, deadline=5.0)
        if reply.why:
            return reply.why
        return "" if reply.raw == echo.encode() else "the answer is not echostr"

    def _head(self, openid: str, kind: str) -> dict[str, Any]:
        names = {"ToUserName": "gh_demo0000001", "FromUserName": openid}
        return names | {"CreateTime": self.chat.seconds(), "MsgType": kind}

    def _post(self, openid: str, fields: dict[str, Any]) -> Outcome:
        return self.chat.line.carry(lambda: self._deliver(openid, fields))

    def _deliver(self, openid: str, fields: dict[str, Any]) -> Outcome:
        started = time.monotonic()
        sealed = self.crypto.seal(xml.write(fields).encode(), self.chat.seconds())
        body = xml.write({"ToUserName": "gh_demo0000001", "Encrypt": sealed.encrypt}).encode()
        plain = {"signature": self.crypto.plain_sign(sealed.timestamp, sealed.nonce)}
        query = plain | {"openid": openid, "encrypt_type": "aes"} | sealed.query
        parcel = Parcel(self.chat.hub(self.settings.callback), query, body, "text/xml")
        outcomes = [self._show(openid, reply) for reply in self.chat.wire.deliver(parcel)]
        outcomes[0].ms = round((time.monotonic() - started) * 1000)
        return outcomes[0]

    def _show(self, openid: str, reply: Reply) -> Outcome:
        if reply.why:
            return Outcome(False, "none", why=reply.why, tries=reply.tries)
        if reply.raw.strip() in {b"", b"success"}:
            return Outcome(True, "empty", tries=reply.tries)
        try:
            content = self._text(openid, reply.raw)
        except ProtocolError as error:
            self.protocol_errors.append(f"passive reply to {openid}: {error}")
            return Outcome(True, "protocol_error", why=str(error), tries=reply.tries)
        self.store.add(f"oa:{openid}", "oa", "text", {"content": content})
        return Outcome(True, "text", {"msgtype": "text", "content": content}, tries=reply.tries)

    def _text(self, openid: str, raw: bytes) -> str:
        root = xml.parse(self.crypto.open(xml.sealed_of(raw)))
        if xml.text_of(root, "ToUserName") != openid or not xml.text_of(root, "FromUserName"):
            raise ProtocolError("ToUserName must be the customer's openid, FromUserName the account")
        content = root.findtext("Content") or ""
        if xml.text_of(root, "MsgType") != "text" or not content.strip():
            raise ProtocolError("only a text reply is drawn here")
        return content


def checked_values(template: Template, values: Any) -> dict[str, str]:
    """The values in the template's order; 47003 names the first key that is unknown, missing or of the wrong type."""
    if not isinstance(values, dict):
        raise Refused(47003, "argument invalid! data is missing")
    for key in values:
        if key not in template.keys and key not in IGNORED:
            raise Refused(47003, f"argument invalid! data.{key}.value invalid")
    found = {}
    for key in template.keys:
        entry = values.get(key)
        value = entry.get("value") if isinstance(entry, dict) else None
        if value is None or str(value) == "":
            raise Refused(47003, f"argument invalid! data.{key}.value is empty")
        pattern = TYPES.get(key.rstrip("0123456789"), TYPES["short_thing"])
        approved = template.words.get(key, [value])
        if not isinstance(value, str) or not re.fullmatch(pattern, value) or value not in approved:
            raise Refused(47003, f"argument invalid! data.{key}.value invalid")
        found[key] = value
    return found


def described(template: Template) -> dict[str, Any]:
    lines = [f"{label}：{{{{{key}.DATA}}}}" for key, label in template.keys.items()]
    fixed = {"primary_industry": "", "deputy_industry": ""}
    told: dict[str, Any] = {"template_id": template.id, "title": template.title, **fixed, "example": ""}
    listed = [{"keywordCode": f"{key}.DATA", "enumValueList": words} for key, words in template.words.items()]
    return told | {"content": "\n".join(lines)} | ({"keywordEnumValueList": listed} if listed else {})


def weixin_of(state: State) -> Weixin:
    part = state.parts["weixin"]
    if not isinstance(part, Weixin):
        raise TypeError("the weixin part is not registered")
    return part


def register(app: Flask, state: State) -> None:
    weixin = Weixin(chat_of(state))
    state.parts["weixin"] = weixin
    pages = Blueprint("weixin", __name__)

    def guarded() -> None:
        weixin.tokens.check(request.args.get("access_token"))

    @pages.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        answer = error.answer()
        # The service account appends a rid, by which the platform finds the call again.
        return jsonify({**answer, "errmsg": f"{error.errmsg} rid: {secrets.token_hex(4)}-{secrets.token_hex(8)}"})

    @pages.get("/weixin/cgi-bin/token")
    def token() -> Response:
        if request.args.get("grant_type") != "client_credential":
            raise Refused(40002, "invalid grant_type")
        if request.args.get("appid") != weixin.settings.appid:
            raise Refused(40013, "invalid appid")
        if request.args.get("secret") != weixin.settings.secret:
            raise Refused(40001, "invalid credential")
        return jsonify(weixin.fetch_token())

    @pages.post("/weixin/cgi-bin/message/template/send")
    def send() -> Response:
        guarded()
        body = request.get_json(force=True, silent=True)
        if not isinstance(body, dict):
            raise Refused(47001, "data format error")
        return jsonify(weixin.send(body))

    @pages.get("/weixin/cgi-bin/template/get_all_private_template")
    def templates() -> Response:
        guarded()
        there = [template for template in weixin.templates.values() if template.id not in weixin.removed]
        return jsonify({"template_list": [described(template) for template in there]})

    @pages.get("/weixin/cgi-bin/media/get")
    def media() -> Response:
        guarded()
        kept = weixin.store.held(request.args.get("media_id", ""))
        return Response(kept.content, mimetype=kept.mimetype)

    app.register_blueprint(pages)
