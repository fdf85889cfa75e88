"""The bot in callback mode: encrypted JSON to the hub, passive replies, stream refreshes (wecom.md 5.2-5.7)."""

import json
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.chat_bot import Bot, Frame, Heard
from sandbox.chat_bot_stream import Stream, Streams
from sandbox.chat_crypto import Crypto, ProtocolError, Sealed
from sandbox.chat_errors import Refused
from sandbox.chat_wire import TRIES, Outcome, Parcel, Reply

URL_LIFE = timedelta(hours=1)
AT_ONCE = 3  # messages of one user with one bot
MESSAGE_REPLIES = {"stream", "template_card", "stream_with_template_card"}
REFRESH_REPLIES = {"stream", "stream_with_template_card"}


@dataclass
class ResponseUrl:
    heard: Heard
    at: datetime
    used: bool = False


class Hook:
    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.crypto = Crypto(bot.settings.token, bot.settings.aes_key, "")
        self.urls: dict[str, ResponseUrl] = {}
        self.refreshes = 0
        self._in_flight: Counter[str] = Counter()  # who → messages that are not answered to the end
        self._streams = Streams(bot)
        self._reached = False

    def online(self) -> bool | None:
        """None where nobody can know: a URL is neither up nor down until it is called."""
        return True if self._reached else None

    def carry(self, heard: Heard) -> Outcome:
        return self.bot.chat.line.carry(lambda: self._carry(heard))

    def _carry(self, heard: Heard) -> Outcome:
        if heard.message is not None and self._in_flight[heard.who] >= AT_ONCE:
            self.bot.store.add(heard.chat, "system", "system", {"content": "机器人正在处理你的其他消息，请稍后再发"})
            return Outcome(False, "busy", why=f"已有 {AT_ONCE} 条消息在处理")
        self._in_flight[heard.who] += 1
        try:
            return self._deliver(heard)
        finally:
            self._in_flight[heard.who] -= 1

    def _deliver(self, heard: Heard) -> Outcome:
        started = time.monotonic()
        tries = 1 if heard.press else TRIES  # a press is sent once and then lost
        body = heard.body | {"response_url": self._new_url(heard)}
        parcel, nonce = self._parcel(body)
        outcomes = [self._show(heard, reply, nonce) for reply in self.bot.chat.wire.deliver(parcel, tries)]
        self._reached = not outcomes[0].why or outcomes[0].kind == "protocol_error"
        outcomes[0].ms = round((time.monotonic() - started) * 1000)
        return outcomes[0]

    def verify_url(self) -> str:
        echo = "echo-" + secrets.token_hex(8)
        sealed = self.crypto.seal(echo.encode(), self.bot.chat.seconds())
        query = sealed.query | {"echostr": sealed.encrypt}
        reply = self.bot.chat.wire.get(self.bot.chat.hub(self.bot.settings.callback), query, deadline=1.0)
        if reply.why:
            return reply.why
        return "" if reply.raw == echo.encode() else "the answer is not the bare plaintext of echostr"

    def _parcel(self, body: Frame) -> tuple[Parcel, str]:
        sealed = self.crypto.seal(json.dumps(body, ensure_ascii=False).encode(), self.bot.chat.seconds())
        url = self.bot.chat.hub(self.bot.settings.callback)
        envelope = json.dumps({"encrypt": sealed.encrypt}).encode()
        return Parcel(url, sealed.query, envelope, "application/json"), sealed.nonce

    def _new_url(self, heard: Heard) -> str:
        code = secrets.token_urlsafe(24)
        self.urls[code] = ResponseUrl(heard, self.bot.clock.now())
        return self.bot.chat.public(f"/aibot/response?response_code={code}")

    def _show(self, heard: Heard, reply: Reply, nonce: str) -> Outcome:
        if reply.why:
            return Outcome(False, "none", why=reply.why, tries=reply.tries)
        if not reply.raw.strip():
            return Outcome(True, "empty", tries=reply.tries)
        try:
            answer = self._opened(reply.raw, nonce)
            kind = self._apply(heard, answer)
        except (ProtocolError, Refused) as error:
            self.bot.problem(f"reply to {heard.body['msgtype']}: {error}")
            return Outcome(True, "protocol_error", why=str(error), tries=reply.tries)
        return Outcome(True, kind, answer, tries=reply.tries)

    def _opened(self, raw: bytes, nonce: str) -> Frame:
        envelope = _json_object(raw, "the reply")
        stamp = envelope.get("timestamp")
        if isinstance(stamp, bool) or not isinstance(stamp, int):
            raise ProtocolError("timestamp of the reply must be an integer of seconds")
        if envelope.get("nonce") != nonce:
            raise ProtocolError("nonce of the reply must be the one of the request")
        sealed = Sealed(str(envelope.get("encrypt", "")), str(envelope.get("msgsignature", "")), str(stamp), nonce)
        return _json_object(self.crypto.open(sealed), "the encrypted reply")

    def _apply(self, heard: Heard, answer: Frame) -> str:
        if heard.press is not None:
            self.bot.update_card(heard.press, answer)
            return "update_template_card"
        kind = str(answer.get("msgtype"))
        entering = heard.body["msgtype"] == "event"
        if entering and heard.body["event"]["eventtype"] == "feedback_event":
            raise ProtocolError("a feedback_event takes no answer")
        if kind not in ({"text", "template_card"} if entering else MESSAGE_REPLIES):
            raise ProtocolError(f"msgtype {kind!r} is not allowed as an answer to {heard.body['msgtype']}")
        quote = heard.message.id if heard.message and heard.chat == self.bot.store.group else ""
        if kind in {"text", "template_card"}:
            self.bot.post(heard.chat, kind, answer.get(kind), quote=quote)
            return kind
        part = answer.get("stream")
        stream_id = part.get("id") if isinstance(part, dict) else None
        if not isinstance(stream_id, str) or not stream_id:
            raise ProtocolError("stream.id is needed in the first reply")
        stream = Stream(stream_id, heard.chat, heard.at, quote)
        self._write(stream, answer)
        if not stream.finished:
            self._in_flight[heard.who] += 1
            self.bot.chat.later(self._refresh, heard, stream)
        return kind

    def _write(self, stream: Stream, answer: Frame) -> None:
        part = answer.get("stream")
        if answer.get("msgtype") == "stream_with_template_card" and "template_card" in answer:
            if isinstance(part, dict):
                self._streams.write(stream, part)
            self._streams.attach(stream, answer["template_card"])
        else:
            self._streams.write(stream, part)

    def _refresh(self, heard: Heard, stream: Stream) -> None:
        try:
            self._ask_again(heard, stream)
        finally:
            self._in_flight[heard.who] -= 1

    def _ask_again(self, heard: Heard, stream: Stream) -> None:
        """Again and again until the hub says finish, at most six minutes after the user's message."""
        chat = self.bot.chat
        while not stream.finished and self.bot.clock.now() - stream.since <= timedelta(minutes=6):
            if chat.closing.wait(chat.switches.refresh_seconds):
                return
            head = heard.body | {"msgid": secrets.token_hex(16), "msgtype": "stream", "stream": {"id": stream.id}}
            head.pop("text", None)
            head.pop("quote", None)
            parcel, nonce = self._parcel(head)
            self.refreshes += 1
            for reply in chat.wire.deliver(parcel, 1):
                self._refreshed(stream, reply, nonce)

    def _refreshed(self, stream: Stream, reply: Reply, nonce: str) -> None:
        if reply.why or not reply.raw.strip() or stream.finished:
            return
        try:
            answer = self._opened(reply.raw, nonce)
            part = answer.get("stream")
            if answer.get("msgtype") not in REFRESH_REPLIES:
                raise ProtocolError(f"msgtype {answer.get('msgtype')!r} is not allowed as an answer to a refresh")
            if isinstance(part, dict) and part.get("id", stream.id) != stream.id:
                raise ProtocolError("stream.id of a refresh must stay the same")
            self._write(stream, answer)
        except (ProtocolError, Refused) as error:
            self.bot.problem(f"reply to a stream refresh: {error}")

    # the active reply

    def respond(self, code: str, body: Any) -> Frame:
        """What the hub posts to a response_url: once, within the hour, markdown or a card."""
        found = self.urls.get(code)
        if found is None or found.used or self.bot.clock.now() - found.at > URL_LIFE:
            raise Refused(40058, "invalid parameter: response_code is unknown, used or older than one hour")
        if not isinstance(body, dict) or body.get("msgtype") not in {"markdown", "template_card"}:
            raise Refused(40008, "invalid message type: markdown and template_card are allowed")
        heard, kind = found.heard, str(body["msgtype"])
        in_group = heard.chat == self.bot.store.group
        if in_group and kind == "template_card" and not self.bot.chat.switches.group_card_push:
            raise Refused(40008, "invalid message type: template_card is for single chats only")
        source = heard.message or (heard.press.message if heard.press else None)
        self.bot.post(heard.chat, kind, body.get(kind), quote=source.id if in_group and source else "")
        found.used = True
        return {"errcode": 0, "errmsg": "ok"}


def _json_object(raw: bytes, what: str) -> Frame:
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise ProtocolError(f"{what} is not JSON") from error
    if not isinstance(found, dict):
        raise ProtocolError(f"{what} is no JSON object")
    return found
