"""The long connection: JSON frames over one WebSocket, acks matched by req_id (wecom.md 5.8)."""

from __future__ import annotations

import json
import queue
import secrets
import threading
from collections.abc import Callable
from typing import Any, Final

import structlog
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from bot.channels.sending import Body, SendError
from bot.channels.wecom_bot.errors import CODES, NOT_CONNECTED, UNKNOWN_CODE
from bot.channels.wecom_bot.parse import event_type
from config_chat import WecomBot

log = structlog.get_logger()
ACK_SECONDS: Final = 5.0
_FRAME_BYTES: Final = 1 << 20

Hear = Callable[["Link", str, Body], None]
"""What is done with a callback: the link, its req_id, its body. Called on the reading thread: hand it on at once."""


class Link:
    """One live connection. `evicted`: another connection of this bot took over."""

    def __init__(self, socket: ClientConnection, hear: Hear) -> None:
        self._socket = socket
        self._hear = hear
        self._waiting: dict[str, queue.SimpleQueue[Body]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self.evicted = False
        self._reader = threading.Thread(target=self._read, name="wecom-bot-reader", daemon=True)
        self._reader.start()

    @classmethod
    def open(cls, settings: WecomBot, hear: Hear) -> Link:
        """Connected and subscribed. Raises SendError."""
        try:
            socket = connect(
                settings.gateway,
                legacy=True,
                open_timeout=5,
                close_timeout=1,
                ping_interval=None,  # the platform has a ping of its own
                max_size=_FRAME_BYTES,
                proxy=None if settings.gateway.startswith(("ws://127.0.0.1", "ws://localhost")) else True,
            )
        except (OSError, InvalidURI, InvalidHandshake, WebSocketException, TimeoutError):
            raise SendError(NOT_CONNECTED) from None
        link = cls(socket, hear)
        try:
            link.request("aibot_subscribe", {"bot_id": settings.bot_id, "secret": settings.secret})
        except SendError:
            link.close()
            raise
        return link

    @property
    def alive(self) -> bool:
        return not self._closed.is_set()

    def request(self, command: str, body: Body | None = None, req_id: str = "") -> Body:
        """The ack of one command. Raises SendError: its code in the table, or `unknown` when no ack came."""
        req_id = req_id or secrets.token_hex(12)
        ack: queue.SimpleQueue[Body] = queue.SimpleQueue()
        with self._lock:
            self._waiting[req_id] = ack
        try:
            self._write({"cmd": command, "headers": {"req_id": req_id}} | ({"body": body} if body else {}))
            answer = ack.get(timeout=ACK_SECONDS)
        except queue.Empty:
            raise SendError(NOT_CONNECTED, unknown=True) from None
        finally:
            with self._lock:
                self._waiting.pop(req_id, None)
        code = _code(answer)
        if code == _LOST:
            raise SendError(NOT_CONNECTED, unknown=True)
        if code:
            raise SendError(CODES.get(code, UNKNOWN_CODE), code)
        return answer

    def ping(self) -> bool:
        """Whether the platform still answers."""
        try:
            self.request("ping")
        except SendError as error:
            return error.code is not None
        return True

    def close(self) -> None:
        self._socket.close()
        self._closed.set()

    def _write(self, frame: Body) -> None:
        try:
            self._socket.send(json.dumps(frame, ensure_ascii=False))
        except (OSError, WebSocketException):
            self._closed.set()
            raise SendError(NOT_CONNECTED) from None

    def _read(self) -> None:
        try:
            for text in self._socket:
                self._take(text)
        except (OSError, WebSocketException):
            pass  # _closed tells the others
        self._closed.set()
        with self._lock:
            for ack in self._waiting.values():
                ack.put({"errcode": _LOST})

    def _take(self, text: str | bytes) -> None:
        frame = _frame(text)
        headers = frame.get("headers")
        req_id = str(headers.get("req_id", "")) if isinstance(headers, dict) else ""
        body = frame.get("body")
        if "cmd" not in frame:
            with self._lock:
                ack = self._waiting.get(req_id)
            if ack is not None:
                ack.put(frame)
        elif isinstance(body, dict) and event_type(body) == "disconnected_event":
            self.evicted = True
            log.warning("bot_connection_taken_over")
            self._closed.set()
        elif isinstance(body, dict):
            self._hear(self, req_id, body)


_LOST: Final = -9_000  # our own: the connection ended before the ack


def _frame(text: str | bytes) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        frame = None
    if not isinstance(frame, dict):
        log.warning("bot_frame_unreadable", size=len(text))
        return {"headers": {}}
    return frame


def _code(answer: Body) -> int:
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else 0
