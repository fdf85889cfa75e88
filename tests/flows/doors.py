"""Doors that die: `python -m tests.flows.doors stream` or `web`, told on standard input a step, one a line.

Each line forks a child that holds the long connections, or takes callbacks, and is killed (SIGKILL: nothing is tidied
up) when the work on what it heard comes to that step; at step 0 never. Another child takes its place at once, as a
process runner and gunicorn's master do, and lives. Steps are the statements, the commits, what is written into a
connection, and the calls, before and after each.

Says one line for each child: its number; and one when it ended: "killed", or "stopped" and how many steps it made. The
first line of `web` is its address.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, NoReturn
from wsgiref.types import StartResponse, WSGIEnvironment

import requests
from sqlalchemy import Engine, event, text
from werkzeug.serving import make_server

import app
import stream
import streams.dingtalk
import streams.wecom
from bot.channels.dingtalk.connection import Link as DingLink
from bot.channels.wecom_bot.connection import Link as BotLink
from handlers.parse import warm
from sandbox.server import QuietHandler
from tests.flows.mortal import Steps
from wire import WEB, hub

HEARING = tuple(f"{one.LEASE}_" for one in (streams.dingtalk, streams.wecom))
"""How the threads of `streams.holding.Hearers` are called."""
Work = Callable[[Steps], None]


class Heard(Steps):
    """The steps of what came in alone: not of the lease, nor of what is delivered."""

    def __call__(self, *given: Any, **named: Any) -> None:
        if threading.current_thread().name.startswith(HEARING):
            super().__call__(*given, **named)


def around(steps: Steps, act: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*given: Any, **named: Any) -> Any:
        steps()
        done = act(*given, **named)
        steps()
        return done

    return counted


def watch(steps: Steps) -> None:
    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, steps)
    requests.Session.send = around(steps, requests.Session.send)  # type: ignore[method-assign]


def until_told() -> threading.Event:
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    return stopping


def hold(steps: Steps) -> None:
    """The long connections, whose lease ran out when the one before died."""
    here = hub()
    with here.engine.begin() as connection:
        connection.execute(text("DELETE FROM leases"))
    watch(steps)
    for link in (DingLink, BotLink):
        link._write = around(steps, link._write)  # type: ignore[method-assign]
    stream.run(here, until_told())


def answer(steps: Steps, listening: socket.socket) -> None:
    """Callbacks, on the listening socket that all children share."""
    pages = app.create_app(hub(WEB))
    watch(steps)

    def counted(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        steps()
        found = b"".join(pages(environ, start_response))
        steps()
        return [found]

    server = make_server(
        "127.0.0.1", 0, counted, threaded=True, request_handler=QuietHandler, fd=os.dup(listening.fileno())
    )
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    until_told().wait()


def child(steps: Steps, work: Work, tells: int) -> NoReturn:
    try:
        work(steps)
        os.write(tells, f"{steps.done}".encode())
    finally:
        os._exit(0)


def live(steps: Steps, work: Work) -> bool:
    """One child from its beginning to its end; whether it was killed."""
    reads, writes = os.pipe()
    number = os.fork()
    if not number:
        child(steps, work, writes)
    os.close(writes)
    say(str(number))
    with os.fdopen(reads, encoding="utf-8") as pipe:
        done = pipe.read()
    _, status = os.waitpid(number, 0)
    killed = os.WIFSIGNALED(status)
    say("killed" if killed else f"stopped {done}")
    return killed


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def main(door: str) -> None:
    warm()
    hub()  # what takes long is loaded once; each child opens connections of its own
    hub.cache_clear()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        if door == "web":
            say(f"http://127.0.0.1:{listening.getsockname()[1]}")
        work: Work = hold if door == "stream" else (lambda steps: answer(steps, listening))
        kind = Heard if door == "stream" else Steps
        for line in sys.stdin:
            if live(kind(int(line)), work):
                live(kind(0), work)


if __name__ == "__main__":
    main(sys.argv[1])
