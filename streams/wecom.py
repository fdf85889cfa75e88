"""WeCom's bot 智能机器人 on a long connection. It hears what people say to the bot, answers, and delivers what is owed
to the channels that begin with the bot: nobody else has a connection to send by."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Final

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot import ladder
from bot.channels.pace import Pace
from bot.channels.sending import Body, Reaction, SendError
from bot.channels.wecom_bot.connection import Link
from bot.channels.wecom_bot.senders import Senders
from bot.deliver import deliver
from bot.frames import hear
from config_chat import WecomBot
from handlers.owe import note, owe
from handlers.people import staff, with_role
from handlers.wording import day_of
from models import Role
from streams.holding import Hearers, Holder
from wire import WAKE, Hub

log = structlog.get_logger()
LEASE: Final = "wecom_bot"
PING_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 1.0
EVICTED_SECONDS: Final = 60.0  # somebody outside of the lease took over: no tug of war
LONGEST_EVICTED_SECONDS: Final = 600.0
PEACE_SECONDS: Final = 1800.0  # after so long a take-over is a first one again
BOT_PATIENCE: Final = 120.0  # so long the group waits for the bot; then the next rung is taken


_TAKEN_OVER: Final = (
    "别的程序在用同一个机器人（一个机器人同时只能有一个长连接），一部分消息会被它收走。"
    "请检查是不是有测试环境或另一台服务器用了同一个 Bot ID，把它停掉。"
)


class BotLine:
    """The connection of the bot; `link` while it is there."""

    lease = LEASE

    def __init__(self, here: Hub, settings: WecomBot) -> None:
        self._hub = here
        self._settings = settings
        self._pace = Pace(here.redis, "wecom_bot")
        self._senders = Senders(here.settings, here.redis)
        self._pinged = 0.0
        self._evictions, self._evicted_at = 0, 0.0
        self.link: Link | None = None
        self.offline_since = time.monotonic()

    @property
    def look_seconds(self) -> float:
        return LOOK_SECONDS

    def open(self, hearers: Hearers) -> Link:
        def heard(link: Link, req_id: str, body: Body) -> None:
            known = partial(hear, pace=self._pace, senders=self._senders)
            hearers.take(partial(known, self._hub.open_desk, self._settings, link, (req_id, body)))

        try:
            self.link = Link.open(self._settings, heard)
        except SendError as error:
            if error.resolution.reaction is Reaction.ALERT:
                self._tell("refused", f"{error}。改好 hub.toml 的 [bot] 后请重启 stream 进程。")
            raise
        self._pinged = time.monotonic()
        return self.link

    def _tell(self, about: str, problem: str) -> None:
        """What only a person can put right is told to the supervisors once a day, by another way than the bot."""
        try:
            with self._hub.open_desk() as desk:
                day = day_of(desk.now)
                told = with_role(staff(desk), Role.SUPERVISOR)
                words = f"企业微信机器人连不上：{problem}"
                owe(desk, [note(f"bot:{about}:{day:%Y%m%d}", person.id, "bot", words) for person in told])
        except SQLAlchemyError as error:
            log.warning("bot_refusal_not_told", error=type(error).__name__)

    def tend(self, link: Link) -> Link | None:
        if time.monotonic() - self._pinged >= PING_SECONDS:
            self._pinged = time.monotonic()
            if not link.ping():
                log.warning("bot_ping_unanswered")
                return None
        return link

    def ended(self, link: Link | None) -> float | None:
        if self.link is not None:
            self.link, self.offline_since = None, time.monotonic()
        return self._stand_back() if link is not None and link.evicted else None

    def _stand_back(self) -> float:
        """How long to leave the bot to whoever took it over: longer each time. Once may have been a process of ours
        that had slept; twice is another program with the same bot, and each hears half of what people say."""
        now = time.monotonic()
        self._evictions = self._evictions + 1 if now - self._evicted_at < PEACE_SECONDS else 1
        self._evicted_at = now
        if self._evictions > 1:
            self._tell("evicted", _TAKEN_OVER)
        return min(EVICTED_SECONDS * 2.0 ** (self._evictions - 1), LONGEST_EVICTED_SECONDS)


class Postman:
    """Delivers when woken, and once a second. Only the leader does."""

    def __init__(self, here: Hub, line: BotLine, holder: Holder[Link]) -> None:
        self._hub = here
        self._line = line
        self._holder = holder

    def run(self, stopping: threading.Event) -> None:
        with_bot = ladder.ways(self._hub.settings, self._hub.redis, home="stream", link=lambda: self._line.link)
        without = ladder.ways(self._hub.settings, self._hub.redis, home="stream")
        bell = _Bell(self._hub, stopping)
        while not stopping.is_set():
            ways = with_bot if self._line.link is not None else without if self._bot_is_gone() else None
            if ways is not None:
                self.deliver(ways)
            bell.wait()
        bell.close()

    def deliver(self, ways: ladder.Ways) -> None:
        try:
            report = deliver(self._hub.open_desk, ways, self._hub.now)
        except (SQLAlchemyError, RedisError) as error:
            log.warning("delivery_interrupted", error=type(error).__name__)
            return
        if report.sent or report.failed:
            log.info("delivered", report=str(report))

    def _bot_is_gone(self) -> bool:
        """Whether the group has waited long enough, and there is another way to people."""
        waited = time.monotonic() - self._line.offline_since > BOT_PATIENCE
        return self._holder.leading and waited and self._hub.settings.wecom is not None


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
