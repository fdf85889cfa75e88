"""Serves files as the platform serves what people send to the bot: encrypted, at an address of their own."""

from __future__ import annotations

import base64
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class FileServer:
    def __init__(self) -> None:
        self.down = False
        self._secret = os.urandom(32)
        self.key = base64.b64encode(self._secret).decode().rstrip("=")
        self._files: dict[str, tuple[str, bytes]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def put(self, content: bytes, name: str) -> str:
        padding = 32 - len(content) % 32
        closer = Cipher(algorithms.AES(self._secret), modes.CBC(self._secret[:16])).encryptor()
        sealed = closer.update(content + bytes((padding,)) * padding) + closer.finalize()
        path = f"/{len(self._files)}"
        self._files[path] = (name, sealed)
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> FileServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if served.down or self.path not in served._files:
                    self.send_error(502 if served.down else 404)
                    return
                name, sealed = served._files[self.path]
                self.send_response(200)
                told = f'attachment; filename="{name}"'.encode().decode("latin-1")
                self.send_header("Content-Disposition", told)
                self.send_header("Content-Length", str(len(sealed)))
                self.end_headers()
                self.wfile.write(sealed)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler
