"""The door for what needs a long connection: the bot's WebSocket, one per company, held by whoever has the lease.

It hears what people say to the bot, answers, and delivers what is owed to the channels that begin with the bot.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot import ladder
from bot.channels.sending import Body, Reaction, SendError
from bot.channels.wecom_bot.connection import Link
from bot.deliver import deliver
from bot.frames import hear
from bot.mishap import described
from config_chat import WecomBot
from handlers.parse import warm
from models import lease
from wire import WAKE, Hub, hub

log = structlog.get_logger()
LEASE: Final = "wecom_bot"
PING_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 1.0
CALM_SECONDS: Final = 60.0  # a connection that lived so long starts again with the shortest pause
LONGEST_PAUSE: Final = 60.0
EVICTED_SECONDS: Final = 60.0  # somebody outside of the lease took over: no tug of war
HOPELESS_SECONDS: Final = 600.0  # a wrong secret: a person must act
BOT_PATIENCE: Final = 120.0  # so long the group waits for the bot; then the next rung is taken
_HEARERS: Final = 8


class Stream:
    """Holds the connection and the lease, and drives delivery, until `stopping` is set."""

    def __init__(self, here: Hub, settings: WecomBot, stopping: threading.Event) -> None:
        self._hub = here
        self._settings = settings
        self._stopping = stopping
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._pool = ThreadPoolExecutor(_HEARERS, thread_name_prefix="wecom-bot")
        self._link: Link | None = None
        self._offline_since = time.monotonic()
        self._leading = False

    def run(self) -> None:
        """Returns soon after `stopping` is set; the lease is free then."""
        warm()
        postman = threading.Thread(target=self._post, name="postman")
        postman.start()
        pauses = 0
        try:
            while not self._stopping.is_set():
                started = time.monotonic()
                pause = self._hold()
                pauses = 0 if time.monotonic() - started > CALM_SECONDS else pauses + 1
                self._stopping.wait(pause if pause is not None else _back_off(pauses))
        finally:
            self._stopping.set()
            self._pool.shutdown(wait=False, cancel_futures=True)
            postman.join()
            self._give_up()

    # the connection

    def _hold(self) -> float | None:
        """Connect and stay connected as long as it goes. The pause before the next try, None for the usual one."""
        if not self._lead():
            return lease.RENEW_SECONDS
        try:
            link = Link.open(self._settings, self._hear)
        except SendError as error:
            log.warning("bot_not_connected", code=error.code, problem=str(error))
            return HOPELESS_SECONDS if error.resolution.reaction is Reaction.ALERT else _pause_of(error)
        log.info("bot_connected")
        self._link = link
        try:
            self._keep(link)
        finally:
            self._link, self._offline_since = None, time.monotonic()
            link.close()
        if link.evicted:
            self._give_up()
            return EVICTED_SECONDS
        return None

    def _keep(self, link: Link) -> None:
        """Until the connection or the lease is gone, or we stop."""
        pinged = renewed = time.monotonic()
        while link.alive and not self._stopping.wait(LOOK_SECONDS):
            now = time.monotonic()
            if now - renewed >= lease.RENEW_SECONDS:
                renewed = now
                if not self._lead():
                    return
            if now - pinged >= PING_SECONDS:
                pinged = now
                if not link.ping():
                    log.warning("bot_ping_unanswered")
                    return

    def _hear(self, link: Link, req_id: str, body: Body) -> None:
        if not self._stopping.is_set():
            heard = self._pool.submit(hear, self._hub.open_desk, self._settings, link, (req_id, body))
            heard.add_done_callback(_report)

    # the lease

    def _lead(self) -> bool:
        try:
            with self._hub.sessions() as session:
                leading = lease.take(session, LEASE, self._owner)
                session.commit()
        except SQLAlchemyError as error:
            log.warning("lease_not_renewed", error=type(error).__name__)
            leading = False
        self._leading = leading
        return leading

    def _give_up(self) -> None:
        self._leading = False
        try:
            with self._hub.sessions() as session:
                lease.give_up(session, LEASE, self._owner)
                session.commit()
        except SQLAlchemyError as error:
            log.warning("lease_not_given_up", error=type(error).__name__)

    # what is owed

    def _post(self) -> None:
        """Deliver when woken, and once a second. Only the leader does: the others have no connection to send by."""
        with_bot = ladder.ways(self._hub.settings, self._hub.redis, home="stream", link=lambda: self._link)
        without = ladder.ways(self._hub.settings, self._hub.redis, home="stream")
        bell = _Bell(self._hub, self._stopping)
        while not self._stopping.is_set():
            ways = with_bot if self._link is not None else without if self._bot_is_gone() else None
            if ways is not None:
                self._deliver(ways)
            bell.wait()
        bell.close()

    def _bot_is_gone(self) -> bool:
        """Whether the group has waited long enough, and there is another way to people."""
        waited = time.monotonic() - self._offline_since > BOT_PATIENCE
        return self._leading and waited and self._hub.settings.wecom is not None

    def _deliver(self, ways: ladder.Ways) -> None:
        try:
            report = deliver(self._hub.open_desk, ways, self._hub.now)
        except (SQLAlchemyError, RedisError) as error:
            log.warning("delivery_interrupted", error=type(error).__name__)
            return
        if report.sent or report.failed:
            log.info("delivered", report=str(report))


class _Bell:
    """Rings when something is owed; without Redis it is silent, and the second's look must do."""

    def __init__(self, here: Hub, stopping: threading.Event) -> None:
        self._pubsub = here.redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self._stopping = stopping
        self._listening = False

    def wait(self) -> None:
        """A second at most."""
        try:
            if not self._listening:
                self._pubsub.subscribe(WAKE)
                self._listening = True
            while self._pubsub.get_message(timeout=LOOK_SECONDS) is not None and not self._stopping.is_set():
                if self._pubsub.get_message() is None:  # several rings are one
                    return
        except RedisError:
            self._listening = False
            self._stopping.wait(LOOK_SECONDS)

    def close(self) -> None:
        try:
            self._pubsub.close()
        except RedisError:
            log.info("bell_not_closed")


def _report(heard: Future[None]) -> None:
    if not heard.cancelled() and (error := heard.exception()) is not None:
        log.error("frame_failed", **described(error))


def _back_off(pauses: int) -> float:
    """1, 2, 4 … 60 s with jitter, so that a crowd does not come back at once."""
    return min(2.0 ** max(pauses - 1, 0), LONGEST_PAUSE) * random.uniform(0.5, 1.0)


def _pause_of(error: SendError) -> float | None:
    return float(error.resolution.wait_seconds) or None


def run(here: Hub, stopping: threading.Event) -> None:
    """Until `stopping` is set. Without a bot on a long connection there is nothing to do but to wait: the process
    runner stops everything when one process ends."""
    settings = here.settings.bot
    if settings is None or settings.mode != "stream":
        log.info("no_long_connection_configured")
        stopping.wait()
        return
    Stream(here, settings, stopping).run()


def main() -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run(hub(), stopping)


if __name__ == "__main__":
    main()
