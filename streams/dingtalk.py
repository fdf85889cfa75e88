"""DingTalk's long connection: what people say to the robot and press on its cards comes in by it. Answers and cards go
out over HTTP, so nothing is delivered here."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Final

import structlog

from bot.channels.dingtalk.connection import Frame, Link
from bot.channels.sending import SendError
from bot.ding_frames import Ear
from config_chat import DingTalk
from streams.holding import LAST_WORDS, Hearers
from wire import Hub

log = structlog.get_logger()
LEASE: Final = "dingtalk"
LOOK_SECONDS: Final = 0.2  # while nobody is connected, what people say is lost
SILENT_SECONDS: Final = 150.0  # the platform sends a ping every minute or so; some dead connections answer ours
GOODBYE_SECONDS: Final = 10.0  # so long a connection that was told to go may still take acknowledgements


class DingLine:
    """The connection of the robot. When it is told to go, another is made before it ends."""

    lease = LEASE
    look_seconds = LOOK_SECONDS

    def __init__(self, here: Hub, settings: DingTalk) -> None:
        self._settings = settings
        self._speakers = Hearers(f"{LEASE}_speaks")
        self._ear = Ear(here.open_desk, settings, here.redis, self._speakers.take)
        self._hearers: Hearers | None = None

    def open(self, hearers: Hearers) -> Link:
        self._hearers = hearers

        def heard(link: Link, frame: Frame) -> None:
            hearers.take(partial(self._ear.hear, link, frame))

        return Link.open(self._settings, heard)

    def tend(self, link: Link) -> Link | None:
        if time.monotonic() - link.heard_at > SILENT_SECONDS:
            log.warning("connection_silent", line=LEASE)
            return None
        return self._followed(link) if link.leaving else link

    def ended(self, link: Link | None) -> float | None:
        self._speakers.finish(LAST_WORDS)
        return None

    def _followed(self, link: Link) -> Link | None:
        """A new connection in the place of one that is about to end; None when there is none yet."""
        assert self._hearers is not None
        try:
            new = self.open(self._hearers)
        except SendError as error:
            log.warning("not_connected", line=LEASE, problem=str(error))
            return None
        _part(link)
        return new


def _part(link: Link) -> None:
    """Leave the old one open for the answers that are being made."""
    timer = threading.Timer(GOODBYE_SECONDS, link.close)
    timer.daemon = True
    timer.start()
