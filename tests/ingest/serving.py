"""A real HTTP server on loopback that answers what a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

Form = dict[str, str]
Answer = tuple[int, bytes]


@contextmanager
def serving(answer: Callable[[Form], Answer | None]) -> Iterator[str]:
    """Serves POSTed forms at the yielded address; an answer of None closes the connection without a reply."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            said = answer(dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True)))
            if said is None:
                self.close_connection = True
                return
            status, body = said
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/gateway"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
