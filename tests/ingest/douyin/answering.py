"""A real HTTP server on loopback that is Douyin as far as a test says, and gives out tokens by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Told = dict[str, Any]


class Asked:
    """One call as it arrived."""

    def __init__(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        self.path, self.body, self.headers = urlsplit(path).path, body.decode(), headers
        self.query = dict(parse_qsl(urlsplit(path).query, keep_blank_values=True))
        self.params: Told = json.loads(body)


def success(data: Any) -> Told:
    return {"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "data": data, "log_id": "1"}


def nothing() -> Told:
    return success({"page": 0, "size": 100, "total": 0, "shop_order_list": [], "items": []})


@contextmanager
def answering(answer: Callable[[Asked], Told], token: Told | None = None) -> Iterator[str]:
    """`token`: what a question for a token is answered with, where it is none."""
    given = token or success({"access_token": "t", "refresh_token": "r", "expires_in": 604800})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked = Asked(self.path, body, dict(self.headers))
            said = json.dumps(given if asked.path == "/token/create" else answer(asked)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
