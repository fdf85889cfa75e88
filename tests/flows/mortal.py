"""A worker that dies: `python -m tests.flows.mortal`, told on standard input "<step> <job> <argument> …".

Each line forks a child that does the job, a function of jobs.py, and is killed (SIGKILL: nothing is tidied up) when it
comes to that step. Steps are whatever the world outside may notice: the calls to platforms, what Valkey is told, the
statements, and the commits, each before it happens; to die after one is to die before the next. Answers one line each:
"killed", "broke", or "done " and what the job returned.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import requests
from redis.connection import AbstractConnection
from sqlalchemy import Engine, event

import ingest.access_token
import ingest.douyin.access
import jobs
from wire import hub


class Steps:
    """Counts what this process does, and ends it at the step `last`."""

    def __init__(self, last: int) -> None:
        self.last, self.done = last, 0

    def __call__(self, *_: Any, **__: Any) -> None:
        self.done += 1
        if self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        for name in ("before_cursor_execute", "commit"):
            event.listen(Engine, name, self)
        requests.Session.send = self.before(requests.Session.send)  # type: ignore[method-assign]
        AbstractConnection.send_packed_command = self.before(  # type: ignore[method-assign]
            AbstractConnection.send_packed_command
        )

    def before(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self()
            return act(*given, **named)

        return counted


def run(last: int, job: str, arguments: list[str]) -> str:
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        _work(last, job, arguments, writes)
    os.close(writes)
    with os.fdopen(reads, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else said or "broke"


def _work(last: int, job: str, arguments: list[str], writes: int) -> NoReturn:
    try:
        Steps(last).watch()
        said = getattr(jobs, job)(*arguments)
        os.write(writes, f"done {said}".encode())
    finally:
        os._exit(0)


def shorten_waits() -> None:
    """Who dies while it fetches a token leaves a lock behind, for which the next one waits: not half a minute here."""
    ingest.access_token._LOCK_SECONDS = 0.5  # type: ignore[misc]
    ingest.douyin.access._LOCK_SECONDS = 1  # type: ignore[misc]


def main() -> None:
    shorten_waits()
    hub()  # what takes long is loaded once; each child opens connections of its own
    hub.cache_clear()
    for line in sys.stdin:
        last, job, *arguments = line.split()
        sys.stdout.write(run(int(last), job, arguments) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
