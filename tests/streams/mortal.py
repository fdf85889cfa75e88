"""A stream door that dies: `python -m tests.streams.mortal`, told on standard input a step, one a line.

Each line forks a child that holds DingTalk's long connection and is killed (SIGKILL: nothing is tidied up) when the
work on what it heard comes to that step; at step 0 never. Steps are the statements, the commits, what is written into
the connection, and the calls, before and after each. Answers two lines each: the child's number, and how it ended:
"killed", or "stopped" by a signal.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import requests
from sqlalchemy import Engine, event

import stream
import streams.dingtalk  # noqa: F401
from bot.channels.dingtalk.connection import Link
from handlers.parse import warm
from wire import hub


class Steps:
    """Counts what the threads do that answer, and ends the process at the step `last`."""

    def __init__(self, last: int) -> None:
        self.last, self.done = last, 0

    def __call__(self, *_: Any, **__: Any) -> None:
        if not threading.current_thread().name.startswith("dingtalk_"):
            return
        self.done += 1
        if self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(Engine, name, self)
        requests.Session.send = self._around(requests.Session.send)  # type: ignore[method-assign]
        Link._write = self._around(Link._write)  # type: ignore[method-assign]

    def _around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self()
            done = act(*given, **named)
            self()
            return done

        return counted


def work(last: int) -> None:
    try:
        Steps(last).watch()
        stopping = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        stream.run(hub(), stopping)
    finally:
        os._exit(0)


def main() -> None:
    warm()
    hub()  # what takes long is loaded once; each child opens connections of its own
    hub.cache_clear()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(int(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else "stopped\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
