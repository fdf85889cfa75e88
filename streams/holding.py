"""One long connection, held by whoever has its lease: made, tended, made again, given up."""

from __future__ import annotations

import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, Generic, Protocol, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.sending import Reaction, SendError
from bot.mishap import described
from models import lease
from wire import Hub

log = structlog.get_logger()
CALM_SECONDS: Final = 60.0  # a connection that lived so long starts again with the shortest pause
LONGEST_PAUSE: Final = 60.0
AT_ONCE: Final = 0.2
HOPELESS_SECONDS: Final = 600.0  # a wrong secret: a person must act
LAST_WORDS: Final = 2.0  # seconds that answers which are being made may still take
_HEARERS: Final = 8


class Link(Protocol):
    """A live connection."""

    @property
    def alive(self) -> bool: ...

    def close(self) -> None: ...


L = TypeVar("L", bound=Link)


class Line(Protocol[L]):
    """What is peculiar to one platform. `lease` names who may connect; `look_seconds`: how often it is tended."""

    @property
    def lease(self) -> str: ...

    @property
    def look_seconds(self) -> float: ...

    def open(self, hearers: Hearers) -> L:
        """Connected, with what comes in handed to `hearers`. Raises SendError."""

    def tend(self, link: L) -> L | None:
        """The link to go on with, which may be a new one; None when this one is no good any more."""

    def ended(self, link: L | None) -> float | None:
        """The connection is gone (or was never made): how long to leave it to others, None where we go on."""


class Hearers:
    """Threads on which what came in is answered; after `close` they take nothing new."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(_HEARERS, thread_name_prefix=name)
        self._busy: set[Future[None]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def take(self, work: Callable[[], None]) -> None:
        """Do it soon; what fails is logged."""
        with self._lock:
            if self._closed:
                return
            begun = self._pool.submit(work)
            self._busy.add(begun)
        begun.add_done_callback(self._done)

    def finish(self, seconds: float) -> None:
        """Wait for the answers that are being made."""
        with self._lock:
            busy = set(self._busy)
        wait(busy, timeout=seconds)

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self.finish(LAST_WORDS)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self, begun: Future[None]) -> None:
        with self._lock:
            self._busy.discard(begun)
        if not begun.cancelled() and (error := begun.exception()) is not None:
            log.error("frame_failed", **described(error))


class Holder(Generic[L]):
    """Holds `line`'s connection and its lease until `stopping` is set."""

    def __init__(self, here: Hub, line: Line[L], stopping: threading.Event) -> None:
        self._hub = here
        self._line = line
        self._stopping = stopping
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._hearers = Hearers(line.lease)
        self.leading = False

    def run(self) -> None:
        """Returns soon after `stopping` is set; the lease is free then."""
        pauses = 0
        try:
            while not self._stopping.is_set():
                started = time.monotonic()
                pause = self.hold()
                pauses = 0 if time.monotonic() - started > CALM_SECONDS else pauses + 1
                self._stopping.wait(pause if pause is not None else back_off(pauses))
        finally:
            self._hearers.close()
            self.give_up()

    def hold(self) -> float | None:
        """Connect and stay connected as long as it goes. The pause before the next try, None for the usual one."""
        if not self._lead():
            return lease.RENEW_SECONDS
        try:
            link = self._line.open(self._hearers)
        except SendError as error:
            log.warning("not_connected", line=self._line.lease, code=error.code, problem=str(error))
            self._line.ended(None)
            return pause_of(error)
        log.info("connected", line=self._line.lease)
        link = self._keep(link)
        pause = self._line.ended(link)
        # What was taken is answered by the connection that it came by; what is not, the platform repeats.
        self._hearers.finish(LAST_WORDS)
        link.close()
        if pause is not None:
            self.give_up()
        return pause

    def _keep(self, link: L) -> L:
        """Until the connection or the lease is gone, or we stop; the link that was the last."""
        renewed = time.monotonic()
        while link.alive and not self._stopping.wait(self._line.look_seconds):
            if time.monotonic() - renewed >= lease.RENEW_SECONDS:
                renewed = time.monotonic()
                if not self._lead():
                    break
            if (tended := self._line.tend(link)) is None:
                break
            link = tended
        return link

    def _lead(self) -> bool:
        try:
            with self._hub.sessions() as session:
                leading = lease.take(session, self._line.lease, self._owner)
                session.commit()
        except SQLAlchemyError as error:
            log.warning("lease_not_renewed", line=self._line.lease, error=type(error).__name__)
            leading = False
        self.leading = leading
        return leading

    def give_up(self) -> None:
        self.leading = False
        try:
            with self._hub.sessions() as session:
                lease.give_up(session, self._line.lease, self._owner)
                session.commit()
        except SQLAlchemyError as error:
            log.warning("lease_not_given_up", line=self._line.lease, error=type(error).__name__)


def back_off(pauses: int) -> float:
    """Hardly any after a connection that lived long, then 1, 2, 4 … 60 s with jitter, so that a crowd does not come
    back at once."""
    if pauses <= 0:
        return random.uniform(0.0, AT_ONCE)
    return min(2.0 ** (pauses - 1), LONGEST_PAUSE) * random.uniform(0.5, 1.0)


def pause_of(error: SendError) -> float | None:
    """How long to wait after a connection that was not made; None for the usual pause."""
    if error.resolution.reaction is Reaction.ALERT:
        return HOPELESS_SECONDS
    return float(error.resolution.wait_seconds) or None
