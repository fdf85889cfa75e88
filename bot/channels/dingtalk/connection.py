"""The long connection (Stream mode): a ticket, one WebSocket, frames that are acknowledged (dingtalk.md 1.5).

Our own and not the platform's client: why is said in docs/decisions/0014-dingtalk-stream.md.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
import structlog
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from bot.channels.sending import Body, Reaction, Resolution, SendError, Whose
from bot.channels.tokens import Http
from config_chat import DingTalk

log = structlog.get_logger()
MESSAGES: Final = "/v1.0/im/bot/messages/get"
PRESSES: Final = "/v1.0/card/instances/callback"
CALLBACK: Final = "CALLBACK"
_SUBSCRIPTIONS: Final = [{"type": CALLBACK, "topic": topic} for topic in (MESSAGES, PRESSES)]
_OPEN: Final = "/v1.0/gateway/connections/open"
_FRAME_BYTES: Final = 1 << 20
_PING_SECONDS: Final = 30.0
_OK: Final = 200

NOT_CONNECTED: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "钉钉长连接未连上，稍后自动重试")
REFUSED: Final = Resolution(
    Reaction.ALERT, Whose.IT, "钉钉不接受这个应用，请检查 Client ID、Client Secret，以及机器人是否选了 Stream 模式"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """`text` is what it tells, as JSON."""

    kind: str
    topic: str
    message_id: str
    text: str


Hear = Callable[["Link", Frame], None]
"""What is done with a callback. Called on the reading thread: hand it on at once."""


class Link:
    """One live connection. `leaving`: the platform pushes nothing here any more and will end it; what was pushed before
    can still be acknowledged. `heard_at`: when the last frame came, by the monotonic clock."""

    def __init__(self, socket: ClientConnection, hear: Hear) -> None:
        self._socket = socket
        self._hear = hear
        self._closed = threading.Event()
        self.leaving = False
        self.heard_at = time.monotonic()
        self._reader = threading.Thread(target=self._read, name="dingtalk-reader", daemon=True)
        self._reader.start()

    @classmethod
    def open(cls, settings: DingTalk, hear: Hear) -> Link:
        """Connected, with messages and presses subscribed. Raises SendError."""
        address = _address(settings)
        try:
            socket = connect(
                address,
                legacy=True,
                open_timeout=5,
                close_timeout=1,
                ping_interval=_PING_SECONDS,
                ping_timeout=_PING_SECONDS,
                max_size=_FRAME_BYTES,
                proxy=None if address.startswith(("ws://127.0.0.1", "ws://localhost")) else True,
            )
        except (OSError, InvalidURI, InvalidHandshake, WebSocketException, TimeoutError):
            raise SendError(NOT_CONNECTED) from None  # its text names the ticket
        return cls(socket, hear)

    @property
    def alive(self) -> bool:
        return not self._closed.is_set()

    def acknowledge(self, message_id: str, told: object = None, code: int = _OK) -> bool:
        """Whether it could be written. `told`: the answer to a press; a message takes none."""
        frame = {
            "code": code,
            "headers": {"messageId": message_id, "contentType": "application/json"},
            "message": "OK" if code == _OK else "",
            "data": json.dumps({"response": told}, ensure_ascii=False),
        }
        return self._write(frame)

    def close(self) -> None:
        self._socket.close()
        self._closed.set()

    def _write(self, frame: Body) -> bool:
        try:
            self._socket.send(json.dumps(frame, ensure_ascii=False))
        except (OSError, WebSocketException):
            self._closed.set()
            return False
        return True

    def _read(self) -> None:
        try:
            for text in self._socket:
                self.heard_at = time.monotonic()
                self._take(text)
        except (OSError, WebSocketException):
            pass  # _closed tells the others
        self._closed.set()

    def _take(self, text: str | bytes) -> None:
        frame = _frame(text)
        if frame is None:
            log.warning("frame_unreadable", size=len(text))
        elif frame.kind == CALLBACK:
            self._hear(self, frame)
        else:
            self._notice(frame)

    def _notice(self, frame: Frame) -> None:
        """What is about the connection itself, and events, which nobody subscribed to."""
        if frame.topic == "disconnect":
            self.leaving = True
        answer = frame.text if frame.kind == "SYSTEM" else '{"status":"SUCCESS","message":""}'
        headers = {"messageId": frame.message_id, "contentType": "application/json"}
        self._write({"code": _OK, "headers": headers, "message": "OK", "data": answer})


def _address(settings: DingTalk) -> str:
    """Where to connect, with a ticket in it: good for 90 seconds and one connection, never kept, never logged."""
    asked = {
        "clientId": settings.app_key,
        "clientSecret": settings.app_secret,
        "subscriptions": _SUBSCRIPTIONS,
        "ua": "order-hub/1.0",
    }
    try:
        with Http(settings.gateway) as wire:
            answer = wire.post(f"{settings.gateway}{_OPEN}", json=asked, allow_redirects=False)
            told = answer.json()
    except (requests.RequestException, ValueError):
        raise SendError(NOT_CONNECTED) from None
    if answer.status_code in (400, 401, 404) and isinstance(told, dict):
        log.warning("connection_refused", status=answer.status_code, code=str(told.get("code", ""))[:80])
        raise SendError(REFUSED)
    endpoint, ticket = (told.get(name) if isinstance(told, dict) else None for name in ("endpoint", "ticket"))
    if answer.status_code != _OK or not isinstance(ticket, str) or not _is_socket(endpoint):
        raise SendError(NOT_CONNECTED)
    return f"{endpoint}?ticket={quote(ticket, safe='')}"


def _is_socket(endpoint: object) -> bool:
    return isinstance(endpoint, str) and urlsplit(endpoint).scheme in ("ws", "wss")


def _frame(text: str | bytes) -> Frame | None:
    try:
        found: Any = json.loads(text)
        headers = found["headers"]
        return Frame(str(found["type"]), str(headers.get("topic", "")), str(headers["messageId"]), str(found["data"]))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None
