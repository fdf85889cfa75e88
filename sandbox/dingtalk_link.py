"""One connection of the Stream gateway: frames out, acknowledgements in (dingtalk.md 1.5)."""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from typing import Any

from simple_websocket import ConnectionClosed

from sandbox.dingtalk_core import Core, Json

BOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
REMEMBERED = 1000  # frames whose answer is still known
CALLBACK, EVENT, SYSTEM = "CALLBACK", "EVENT", "SYSTEM"


@dataclass(eq=False)
class Pushed:
    """One frame on its way. `code` is 0 until it is acknowledged."""

    kind: str
    topic: str
    text: str  # its `data`
    message_id: str
    at: float  # by the sandbox's clock
    answered: threading.Event = field(default_factory=threading.Event)
    headers: Json = field(default_factory=dict)  # beside the usual ones
    code: int = 0
    answer: Any = None
    tries: int = 0

    @property
    def ok(self) -> bool:
        later = self.kind == EVENT and isinstance(self.answer, dict) and self.answer.get("status") == "LATER"
        return self.code == 200 and not later


class Link:
    def __init__(self, core: Core, socket: Any, wanted: frozenset[tuple[str, str]]) -> None:
        self.id = secrets.token_hex(16)
        self.wanted = wanted
        self.leaving = False  # told to go: nothing is pushed here any more
        self._core = core
        self._socket = socket
        self._waiting: dict[str, Pushed] = {}
        self._lock = threading.RLock()

    def takes(self, kind: str, topic: str) -> bool:
        return not self.leaving and ((kind, topic) in self.wanted or (kind, "*") in self.wanted)

    def push(self, pushed: Pushed) -> bool:
        """Whether the frame could be written."""
        core = self._core
        told = {
            "appId": core.settings.app_key,
            "connectionId": self.id,
            "contentType": "application/json",
            "messageId": pushed.message_id,
            "time": str(core.milliseconds()),
            "topic": pushed.topic,
        }
        frame = {"specVersion": "1.0", "type": pushed.kind, "headers": told | pushed.headers, "data": pushed.text}
        pushed.tries += 1
        with self._lock:
            self._waiting[pushed.message_id] = pushed
            if len(self._waiting) > REMEMBERED:
                self._waiting.pop(next(iter(self._waiting)))
            try:
                self._socket.send(json.dumps(frame, ensure_ascii=False))
            except (ConnectionClosed, OSError):
                return False
        return True

    def listen(self) -> None:
        """Take acknowledgements until the connection ends."""
        while True:
            try:
                text = self._socket.receive()
            except (ConnectionClosed, OSError):
                return
            if why := self._take(text):
                self._core.problem(f"stream: {why}: {str(text)[:120]!r}")

    def _take(self, text: Any) -> str:
        """What is wrong with the frame; empty when it acknowledges something."""
        try:
            frame = json.loads(text)
        except (TypeError, ValueError):
            return "a frame that is no JSON"
        headers = frame.get("headers") if isinstance(frame, dict) else None
        if not isinstance(headers, dict) or not isinstance(headers.get("messageId"), str):
            return "an acknowledgement without headers.messageId"
        if not isinstance(frame.get("code"), int) or isinstance(frame["code"], bool):
            return "an acknowledgement whose code is no number"
        if "data" in frame and not isinstance(frame["data"], str):
            return "an acknowledgement whose data is no JSON string"
        pushed = self._waiting.get(headers["messageId"])
        if pushed is None:
            return "an acknowledgement of nothing that was pushed here"
        try:
            answer = json.loads(frame.get("data") or "null")
        except ValueError:
            return "an acknowledgement whose data is no JSON string"
        self._settle(pushed, frame["code"], answer)
        return ""

    def _settle(self, pushed: Pushed, code: int, answer: Any) -> None:
        if pushed.kind == SYSTEM and pushed.topic == "ping" and answer != json.loads(pushed.text):
            self._core.problem("stream: a ping must be answered with its own data")
        if not pushed.answered.is_set():
            pushed.code, pushed.answer = code, answer
            pushed.answered.set()

    def leave(self, reason: str) -> None:
        """Tell the client to go. The connection itself is closed afterwards."""
        self.leaving = True
        self.system("disconnect", {"reason": reason})

    def system(self, topic: str, told: Json) -> Pushed:
        pushed = Pushed(SYSTEM, topic, json.dumps(told), secrets.token_hex(12), self._core.clock.epoch())
        self.push(pushed)
        return pushed

    def close(self) -> None:
        self.leaving = True
        with suppress(ConnectionClosed, OSError):
            self._socket.close()
        # Its reading thread sleeps until the peer says goodbye too, and would keep the process alive so long.
        with suppress(OSError):
            self._socket.sock.shutdown(SHUT_RDWR)
