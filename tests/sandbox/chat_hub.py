"""The hub's side of the wire for the sandbox's own tests: a real HTTP server, a real WebSocket client."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

import requests
import simple_websocket
from defusedxml import ElementTree

from sandbox.chat_core import Chat, chat_of
from sandbox.chat_crypto import Crypto, Sealed
from sandbox.chat_xml import write
from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.server import running
from sandbox.state import State

MONDAY = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case

    def sealed(self, encrypt: str) -> Sealed:
        return Sealed(encrypt, self.query["msg_signature"], self.query["timestamp"], self.query["nonce"])

    def xml(self, crypto: Crypto) -> Element:
        envelope = ElementTree.fromstring(self.body)
        found: Element = ElementTree.fromstring(crypto.open(self.sealed(envelope.findtext("Encrypt") or "")))
        return found

    def json(self, crypto: Crypto) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(crypto.open(self.sealed(json.loads(self.body)["encrypt"])))
        return found


Answer = bytes | int


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sandbox that no longer waits for a slow answer closes the connection: that is what is tested."""


class HubServer:
    """Answers every request with what `answer` says: bytes for 200, a number for that status."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Answer] = lambda seen: b""
        self._news = threading.Condition()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._do()

            def do_POST(self) -> None:
                self._do()

            def _do(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                seen = Seen(self.command, parts.path, query, body, headers)
                with hub._news:
                    hub.seen.append(seen)
                    hub._news.notify_all()
                answer = hub.answer(seen)
                raw = answer if isinstance(answer, bytes) else b"sorry"
                self.send_response(200 if isinstance(answer, bytes) else answer)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args: Any) -> None:
                return

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def wait(self, claim: Callable[[Seen], bool]) -> Seen:
        """The first request for which the claim holds, as soon as it has come."""
        with self._news:
            assert self._news.wait_for(lambda: any(map(claim, self.seen)), 5), "the hub was not asked"
            return next(filter(claim, self.seen))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Bench:
    """One sandbox with its hub, and the calls every test makes."""

    base: str
    state: State
    hub: HubServer

    @property
    def chat(self) -> Chat:
        return chat_of(self.state)

    def move(self, **span: float) -> None:
        units = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
        self.state.clock.move(sum(units[name] * value for name, value in span.items()))

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(self.base + path, params=query, timeout=30).json()
        return found

    def post(self, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        found: dict[str, Any] = requests.post(self.base + path, json=body or {}, params=query, timeout=30).json()
        return found

    def token(self) -> str:
        wecom = self.state.company.wecom
        told = self.get("/qyapi/cgi-bin/gettoken", corpid=wecom.corpid, corpsecret=wecom.secret)
        return str(told["access_token"])

    def call(self, name: str, body: Any = None) -> dict[str, Any]:
        return self.post(f"/qyapi/cgi-bin/{name}", body, access_token=self.token())

    def send(self, msgtype: str, content: Any, **more: Any) -> dict[str, Any]:
        head = {"touser": "xiaoli", "msgtype": msgtype, "agentid": self.state.company.wecom.agentid}
        return self.call("message/send", head | {msgtype: content} | more)

    def say(self, who: str, chat: str, text: str) -> dict[str, Any]:
        return self.post("/phones/api/say", {"who": who, "chat": chat, "text": text})

    def shown(self, who: str, chat: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.get("/phones/api/state", who=who)["chats"][chat]["messages"]
        return messages

    def new_day(self) -> Bench:
        """Empty phones, no switches, a quiet hub: quicker than a new sandbox."""
        self.chat.settle()
        self.hub.seen.clear()
        self.hub.answer = lambda seen: b""
        self.post("/control/reset", {"orders_before": 0})
        return self

    def switch(self, **switches: Any) -> dict[str, Any]:
        return self.post("/control/chat", switches)


@contextmanager
def bench(*, greeting: bool = False, hub: HubServer | None = None, **company: Any) -> Iterator[Bench]:
    """A sandbox whose clock stands still at a Monday morning, its hub, and nobody greeting unless asked to."""
    hub = hub or HubServer()
    settings = {"world": {"orders_before": 0, "orders_a_minute": 0.0}, "server": {"hub": hub.url}} | company
    before = os.environ.get("SANDBOX_GREETING")
    os.environ["SANDBOX_GREETING"] = "on" if greeting else "off"
    try:
        with running(load_company(**settings), clock=Clock(standing_at=MONDAY)) as (base, state):
            yield Bench(base, state, hub)
    finally:
        hub.close()
        os.environ.pop("SANDBOX_GREETING")
        if before is not None:
            os.environ["SANDBOX_GREETING"] = before


def xml_reply(crypto: Crypto, fields: dict[str, Any], timestamp: int = 1735689601) -> bytes:
    """A passive reply as the documents show it: own nonce, own timestamp, own signature."""
    sealed = crypto.seal(write(fields).encode(), timestamp)
    envelope = {"Encrypt": sealed.encrypt, "MsgSignature": sealed.signature}
    return write(envelope | {"TimeStamp": timestamp, "Nonce": sealed.nonce}).encode()


def json_reply(crypto: Crypto, seen: Seen, body: dict[str, Any], **changes: Any) -> bytes:
    """A bot's passive reply: integer timestamp, the nonce of the request."""
    sealed = crypto.seal(json.dumps(body).encode(), 1735689601, seen.query["nonce"])
    told = {"encrypt": sealed.encrypt, "msgsignature": sealed.signature}
    return json.dumps(told | {"timestamp": 1735689601, "nonce": sealed.nonce} | changes).encode()


class BotClient:
    """The hub's end of the long connection. `on` is asked for frames to send back for every callback."""

    def __init__(self, bench: Bench, on: Callable[[dict[str, Any]], list[dict[str, Any]]] | None = None) -> None:
        self.callbacks: list[dict[str, Any]] = []
        self.closed = threading.Event()
        self._on = on
        self._answers: dict[str, dict[str, Any]] = {}
        self._news = threading.Condition()
        self._number = 0
        self._socket = simple_websocket.Client(bench.base.replace("http", "ws") + "/aibot/ws")
        threading.Thread(target=self._listen, daemon=True).start()

    def subscribe(self, bench: Bench, secret: str | None = None) -> dict[str, Any]:
        bot = bench.state.company.bot
        return self.ask("aibot_subscribe", {"bot_id": bot.bot_id, "secret": secret or bot.secret})

    def ask(self, cmd: str, body: dict[str, Any] | None = None, req_id: str = "") -> dict[str, Any]:
        """Send one frame and return its acknowledgement."""
        self._number += 1
        req_id = req_id or f"r-{self._number}"
        self._answers.pop(req_id, None)
        self._socket.send(json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": body or {}}))
        with self._news:
            assert self._news.wait_for(lambda: req_id in self._answers, 5), f"no acknowledgement of {cmd}"
        return self._answers[req_id]

    def callback(self, number: int = 0) -> dict[str, Any]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.callbacks) > number, 5), "no callback came"
        return self.callbacks[number]

    def wait(self, event: str) -> dict[str, Any]:
        """The first callback of this event, as soon as it has come."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.callbacks if one["body"].get("event", {}).get("eventtype") == event]

        with self._news:
            assert self._news.wait_for(found, 5), f"no {event} came"
            return found()[0]

    def close(self) -> None:
        self._socket.close()
        self.closed.wait(5)

    def _listen(self) -> None:
        try:
            while True:
                self._take(json.loads(self._socket.receive()))
        except simple_websocket.ConnectionClosed:
            self.closed.set()

    def _take(self, frame: dict[str, Any]) -> None:
        with self._news:
            if "cmd" in frame:
                self.callbacks.append(frame)
            else:
                self._answers[frame["headers"]["req_id"]] = frame
            self._news.notify_all()
        if "cmd" in frame and self._on:
            for answer in self._on(frame):
                self._socket.send(json.dumps(answer))
