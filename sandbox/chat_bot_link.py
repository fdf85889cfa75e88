"""The bot's long connection: frames over one WebSocket, answered one by one (wecom.md 5.8)."""

import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from socket import SHUT_RDWR
from typing import Any

from simple_websocket import ConnectionClosed

from sandbox.chat_bot import Bot, Frame, Heard
from sandbox.chat_bot_stream import Stream, Streams
from sandbox.chat_bot_upload import Uploads
from sandbox.chat_errors import Refused
from sandbox.chat_limits import Limiter
from sandbox.chat_wire import Outcome

REPLY_LIFE = timedelta(hours=24)
MEDIA_KINDS = {"file", "image", "voice", "video"}
REPLY_KINDS = {"markdown", "template_card"} | MEDIA_KINDS


class Connection:
    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.lock = threading.RLock()
        self.subscribed = False

    def send(self, frame: Frame) -> bool:
        """Whether the frame could be written; a closed connection loses it, and nothing is sent again later."""
        with self.lock:
            try:
                self._socket.send(json.dumps(frame, ensure_ascii=False))
            except (ConnectionClosed, OSError):
                return False
        return True

    def receive(self) -> str | None:
        try:
            text = self._socket.receive()
        except (ConnectionClosed, OSError):
            return None
        return text if isinstance(text, str) else ""

    def close(self) -> None:
        with suppress(ConnectionClosed, OSError):
            self._socket.close()
        # Its reading thread sleeps until the peer says goodbye too, and would keep the process alive so long.
        with suppress(OSError):
            self._socket.sock.shutdown(SHUT_RDWR)


@dataclass
class Pending:
    """A callback that may still be answered by its req_id."""

    heard: Heard
    sent_at: float  # by the wall
    at: datetime  # by the sandbox clock
    answered: threading.Event = field(default_factory=threading.Event)
    outcome: Outcome | None = None
    streams: dict[str, Stream] = field(default_factory=dict)

    def settle(self, kind: str, answer: Frame) -> None:
        if self.outcome is None:
            self.outcome = Outcome(True, kind, answer)
        self.answered.set()


class Link:
    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.current: Connection | None = None
        self.subscribes = Limiter(bot.clock, per_minute=60, per_hour=3600)
        self.uploads = Uploads(bot)
        self.frames: list[Frame] = []  # what the hub sent, for tests
        self._streams = Streams(bot)
        self._pending: dict[str, Pending] = {}
        self._open: set[Connection] = set()
        self._lock = threading.RLock()
        self.on_online: Callable[[], None] = lambda: None

    def online(self) -> bool:
        return self.current is not None

    # to the hub

    def carry(self, heard: Heard) -> Outcome:
        return self.bot.chat.line.carry(lambda: self._carry(heard))

    def _carry(self, heard: Heard) -> Outcome:
        switches = self.bot.chat.switches
        started = time.monotonic()
        if switches.take("drop_callbacks"):
            return Outcome(False, "none", why="dropped")
        if switches.delay_callbacks:
            time.sleep(float(switches.delay_callbacks))
        command = "aibot_event_callback" if heard.body["msgtype"] == "event" else "aibot_msg_callback"
        pending = self._send(command, heard)
        if pending is not None and switches.take("duplicate_callbacks"):
            self._send(command, heard)
        if pending is None:
            return Outcome(False, "none", why="unreachable")
        pending.answered.wait(switches.deadline_seconds)
        outcome = pending.outcome or Outcome(False, "none", why="timeout")
        outcome.ms = round((time.monotonic() - started) * 1000)
        return outcome

    def _send(self, command: str, heard: Heard) -> Pending | None:
        connection = self.current
        if connection is None or self.bot.chat.switches.take("hub_unreachable"):
            return None
        req_id = secrets.token_hex(12)
        pending = Pending(heard, time.monotonic(), self.bot.clock.now())
        self._pending[req_id] = pending
        frame = {"cmd": command, "headers": {"req_id": req_id}, "body": heard.body}
        return pending if connection.send(frame) else None

    # from the hub

    def serve(self, socket: Any) -> None:
        connection = Connection(socket)
        self._open.add(connection)
        try:
            while (text := connection.receive()) is not None:
                self._take(connection, text)
        finally:
            self._gone(connection)

    def close(self) -> None:
        for connection in list(self._open):
            connection.close()

    def _gone(self, connection: Connection) -> None:
        with self._lock:
            self._open.discard(connection)
            if self.current is not connection:
                return
            self.current = None
        with self.bot.store.changed:
            self.bot.store.changed.notify_all()
        self.bot.chat.state.bus.publish("chat.bot", {"online": False})

    def _take(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            frame = None
        if not isinstance(frame, dict) or not isinstance(frame.get("headers", {}), dict):
            self.bot.problem(f"no frame: {text[:80]!r}")
            connection.send({"headers": {"req_id": ""}, "errcode": 40058, "errmsg": "invalid frame"})
            return
        self.frames.append(frame)
        answer: Frame = {"headers": {"req_id": str(frame.get("headers", {}).get("req_id", ""))}}
        try:
            body = self._do(connection, frame)
            answer |= {"errcode": 0, "errmsg": "ok"} | ({"body": body} if body else {})
        except Refused as refused:
            answer |= refused.answer()
            # Stale ids and limits happen to correct clients too; the rest is a mistake in the frame.
            if refused.errcode in {40008, 40058, 41016, 44004, 45002}:
                self.bot.problem(f"{frame.get('cmd')}: {refused}")
        if frame.get("cmd") == "aibot_subscribe" and answer["errcode"] == 0:
            self._takeover(connection, answer)
        else:
            connection.send(answer)

    def _do(self, connection: Connection, frame: Frame) -> Frame | None:
        body = frame.get("body") if isinstance(frame.get("body"), dict) else {}
        command = str(frame.get("cmd"))
        if command == "ping":
            return None
        if command == "aibot_subscribe":
            self._subscribe(connection, body or {})
            return None
        if not connection.subscribed:
            raise Refused(40014, "not subscribed")
        work = self._commands().get(command)
        if work is None:
            raise Refused(40058, f"invalid parameter: cmd {command!r}")
        found: Frame | None = work(str(frame.get("headers", {}).get("req_id", "")), body or {})
        return found

    def _commands(self) -> dict[str, Any]:
        return {
            "aibot_respond_welcome_msg": self._welcome,
            "aibot_respond_msg": self._respond,
            "aibot_respond_update_msg": self._update,
            "aibot_send_msg": self._push,
            "aibot_upload_media_init": self.uploads.init,
            "aibot_upload_media_chunk": self.uploads.chunk,
            "aibot_upload_media_finish": self.uploads.finish,
        }

    def _subscribe(self, connection: Connection, body: Frame) -> None:
        settings = self.bot.settings
        if not self.subscribes.take("subscribe"):
            raise Refused(45009, "api freq out of limit: subscribe")
        if body.get("bot_id") != settings.bot_id or body.get("secret") != settings.secret:
            raise Refused(853000, "invalid bot_id or secret")
        if settings.mode != "stream":
            raise Refused(853000, "this bot is set to callback mode")
        connection.subscribed = True

    def _takeover(self, connection: Connection, answer: Frame) -> None:
        """One connection per bot: the newest lives, the one before is told and closed."""
        # Online as soon as the client can know it, and no callback before the acknowledgement.
        with connection.lock, self._lock:
            before, self.current = self.current, connection
            connection.send(answer)
        if before is not None and before is not connection:
            head = {"msgid": secrets.token_hex(16), "aibotid": self.bot.settings.bot_id, "msgtype": "event"}
            body = head | {"create_time": self.bot.chat.seconds(), "event": {"eventtype": "disconnected_event"}}
            headers = {"req_id": secrets.token_hex(12)}
            before.send({"cmd": "aibot_event_callback", "headers": headers, "body": body})
            before.subscribed = False
            before.close()
        self.bot.chat.state.bus.publish("chat.bot", {"online": True})
        self.on_online()

    def _callback(self, req_id: str) -> Pending:
        pending = self._pending.get(req_id)
        if pending is None:
            raise Refused(846605, "invalid req_id")
        return pending

    def _in_time(self, pending: Pending) -> None:
        """Five seconds, by the wall and by the sandbox clock, once."""
        seconds = self.bot.chat.switches.deadline_seconds
        late = time.monotonic() - pending.sent_at > seconds
        late = late or self.bot.clock.now() - pending.at > timedelta(seconds=seconds)
        if late or pending.answered.is_set():
            raise Refused(846605, "req_id expired or answered already")

    def _welcome(self, req_id: str, body: Frame) -> None:
        pending = self._callback(req_id)
        if pending.heard.body.get("event", {}).get("eventtype") != "enter_chat":
            raise Refused(846605, "invalid req_id: not an enter_chat event")
        self._in_time(pending)
        kind = str(body.get("msgtype"))
        if kind not in {"text", "template_card"}:
            raise Refused(40008, f"invalid message type: {kind!r} as a welcome")
        self.bot.post(pending.heard.chat, kind, body.get(kind))
        pending.settle(kind, body)

    def _respond(self, req_id: str, body: Frame) -> None:
        pending = self._callback(req_id)
        heard = pending.heard
        if heard.message is None or self.bot.clock.now() - heard.at > REPLY_LIFE:
            raise Refused(846605, "invalid req_id: no message callback of the last 24 hours")
        kind = str(body.get("msgtype"))
        if kind in {"stream", "stream_with_template_card"}:
            self._stream(pending, body)
        elif kind in REPLY_KINDS:
            self.bot.post(heard.chat, kind, body.get(kind), quote=self._quote(heard))
        else:
            raise Refused(40008, f"invalid message type: {kind!r}")
        pending.settle(kind, body)

    def _stream(self, pending: Pending, body: Frame) -> None:
        part = body.get("stream")
        stream_id = part.get("id") if isinstance(part, dict) else None
        if not isinstance(stream_id, str) or not stream_id:
            raise Refused(40058, "invalid parameter: stream.id")
        heard = pending.heard
        fresh = Stream(stream_id, heard.chat, heard.at, self._quote(heard))
        self._streams.write(pending.streams.setdefault(stream_id, fresh), part)
        if "template_card" in body:
            # Acknowledged by the platform, but phones do not show the button [field].
            self.bot.remarks.append("stream_with_template_card: the card is not shown on the long connection")

    def _update(self, req_id: str, body: Frame) -> None:
        pending = self._callback(req_id)
        if pending.heard.press is None:
            raise Refused(846605, "invalid req_id: not a template_card_event")
        self._in_time(pending)
        if self.bot.chat.switches.take("refuse_updates"):
            raise Refused(-1, "system busy")
        pending.settle("update_template_card", self.bot.update_card(pending.heard.press, body))

    def _push(self, _req_id: str, body: Frame) -> None:
        kind = str(body.get("msgtype"))
        chat = self.bot.chat_named(str(body.get("chatid", "")), body.get("chat_type", 0))
        if kind not in REPLY_KINDS:
            raise Refused(40008, f"invalid message type: {kind!r}")
        if kind == "template_card" and chat == self.bot.store.group and not self.bot.chat.switches.group_card_push:
            raise Refused(40008, "invalid message type: template_card is for single chats only")
        self.bot.post(chat, kind, body.get(kind))

    def _quote(self, heard: Heard) -> str:
        return heard.message.id if heard.message and heard.chat == self.bot.store.group else ""
