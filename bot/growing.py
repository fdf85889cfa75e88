"""An answer that grows (the bot's callback mode, wecom.md 5.6): at first 处理中, then what became of it.

The platform asks for the rest of an unfinished answer again and again, and any worker may be asked, so what is known
lies in Redis, sealed. It ends well before the platform stops asking: what is not over by then is told by the message
that the work itself owes.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.card import Card, Drawing, Text, from_json, to_json
from bot.channels.sending import Body
from bot.channels.wecom_bot import render
from bot.channels.wecom_bot.parse import Refresh
from bot.channels.wecom_bot.sealed import vault_of
from bot.feedback import about
from bot.heard import Heard
from bot.mishap import described
from bot.owed import current_card
from bot.replies import BotReply, Place, of_bot
from bot.router import is_quick, tolerated
from config import Settings
from handlers import progress
from handlers.desk import Desk, OpenDesk, Refusal
from handlers.incoming import Incoming

log = structlog.get_logger()
FIRST_SECONDS: Final = 1.5  # so long the first answer may take
PATIENCE_SECONDS: Final = 3.0  # and so much longer where nothing can be remembered: the platform waits five in all
LIFE: Final = timedelta(seconds=330)  # the platform asks for six minutes
OPEN_AT_ONCE: Final = 2  # the platform takes three messages of a person at a time; one place stays free
_KEPT_SECONDS: Final = 420
_THREADS: Final = 12
_AT_ONCE: Final = 4  # quick ones that need no thread of their own; together they leave connections for all else
_BELONGS: Final = b"bot.growing"
WORKING: Final = "处理中…"
_LOST: Final = "处理的结果会另外告诉您；等不到的话，请把刚才的话再发一次。"
_LATE: Final = "还没有处理完，完成后会另外告诉您。"
_FAILED: Final = "系统忙，没有办成，请稍后再发一次。"


@dataclass(frozen=True, slots=True)
class Growing:
    """What is known of one answer. `work`: what `progress.look` is asked; `drawing` (JSON): the answer, when it is
    there; `shown`: it was handed out with its card, which may be given only once; `about`: the command."""

    message_id: str
    sender: str
    is_group: bool
    since: str
    work: str = ""
    drawing: str = ""
    shown: bool = False
    about: str = ""

    @classmethod
    def of(cls, incoming: Incoming, now: datetime, work: str = "") -> Growing:
        named = about(incoming)
        return cls(incoming.message_id, incoming.sender, incoming.is_group, now.isoformat(), work, about=named)

    @property
    def stream_id(self) -> str:
        return render.stream_id(self.message_id)


class Growings:
    """Those of all workers. Every method may raise RedisError."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self._redis = redis
        self._vault = vault_of(settings)

    def keep(self, one: Growing) -> None:
        sealed = self._vault.seal(json.dumps(asdict(one)).encode(), _BELONGS)
        self._redis.set(_key(one.stream_id), base64.b64encode(sealed), ex=_KEPT_SECONDS)

    def find(self, stream_id: str) -> Growing | None:
        sealed = self._redis.get(_key(stream_id))
        if not isinstance(sealed, bytes):
            return None
        return Growing(**json.loads(self._vault.open(base64.b64decode(sealed), _BELONGS)))

    def enter(self, one: Growing, now: datetime) -> bool:
        """Whether its sender may have another one open; then it is counted."""
        places = f"hub:streams:{one.sender}"
        with self._redis.pipeline() as pipe:
            pipe.zremrangebyscore(places, 0, now.timestamp())
            pipe.zcard(places)
            if int(pipe.execute()[1]) >= OPEN_AT_ONCE:
                return False
        self._redis.zadd(places, {one.stream_id: (now + LIFE).timestamp()})
        self._redis.expire(places, _KEPT_SECONDS)
        return True

    def leave(self, one: Growing) -> None:
        self._redis.zrem(f"hub:streams:{one.sender}", one.stream_id)


def _key(stream_id: str) -> str:
    return f"hub:stream:{stream_id}"


class Answers:
    """Answers messages and refreshes of the bot's address. `open_desk` must commit: what may grow is made on a thread
    of its own, at a desk of its own."""

    def __init__(self, open_desk: OpenDesk, growings: Growings) -> None:
        self._open_desk = open_desk
        self._growings = growings
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="bot-answer")
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def to(self, desk: Desk, heard: Heard) -> Body | None:
        """The reply to a message, press or welcome, to be given when `desk` has committed. Raises SQLAlchemyError."""
        if heard.welcome or heard.expired or heard.incoming.press is not None:
            return _at_once(desk, heard)  # only messages may have an answer that grows
        if is_quick(heard.incoming) and self._room.acquire(blocking=False):
            try:
                return _at_once(desk, heard)
            finally:
                self._room.release()
        now = desk.now
        turn = _Turn(self._growings, Growing.of(heard.incoming, now))
        done = self._pool.submit(turn.run, lambda: self._work(heard))
        try:
            reply, work = done.result(FIRST_SECONDS)
        except NotYet:
            return self._unfinished(turn, done)
        return self._begun(heard.incoming, now, (reply, work))

    def refreshed(self, refresh: Refresh) -> Body:
        """What there is by now."""
        try:
            found = self._growings.find(refresh.stream_id)
            if found is None or found.sender != refresh.sender:
                return render.growing(refresh.stream_id, _LOST, finish=True)
            with self._open_desk() as desk:
                return self._grown(desk, found)
        except (RedisError, SQLAlchemyError) as error:
            log.warning("refresh_not_answered", **described(error))
            return render.growing(refresh.stream_id, WORKING)

    def _work(self, heard: Heard) -> tuple[BotReply | None, str]:
        with self._open_desk() as desk:
            return of_bot(desk, heard), progress.asked(desk)

    def _begun(self, incoming: Incoming, now: datetime, answer: tuple[BotReply | None, str]) -> Body | None:
        """The answer, or its beginning where it asked for work that goes on."""
        reply, work = answer
        if reply is None or not work or reply.place is not Place.MESSAGE:
            return reply.body if reply is not None else None
        one = Growing.of(incoming, now, work)
        try:
            if not self._growings.enter(one, now):
                return reply.body
            self._growings.keep(one)
        except RedisError as error:
            log.warning("answer_cannot_grow", error=type(error).__name__)
            return reply.body
        said = reply.drawing.title if isinstance(reply.drawing, Card) else reply.drawing.markdown
        return render.begun(render.growing(one.stream_id, f"{said}\n{WORKING}"), one.about)

    def _unfinished(self, turn: _Turn, done: Future[tuple[BotReply | None, str]]) -> Body | None:
        try:
            late = turn.is_late()
        except RedisError:
            late = False
        if late:
            return render.begun(render.growing(turn.one.stream_id, WORKING), turn.one.about)
        try:
            reply, _ = done.result(PATIENCE_SECONDS)
        except NotYet:
            return render.growing(turn.one.stream_id, _LOST, finish=True)
        return reply.body if reply is not None else None

    def _grown(self, desk: Desk, one: Growing) -> Body:
        if one.drawing:
            return self._ended(one, from_json(one.drawing), desk)
        over_at = datetime.fromisoformat(one.since) + LIFE
        if not one.work:
            return render.growing(one.stream_id, WORKING if desk.now < over_at else _LATE, finish=desk.now >= over_at)
        try:
            now = progress.look(desk, one.work)
        except Refusal as refusal:
            return self._ended(one, Text(str(refusal)), desk)
        if now.over:
            return self._ended(one, self._result(desk, one, now), desk)
        if desk.now >= over_at:
            return self._ended(one, Text(f"{now.words}\n{_LATE}"), desk)
        return render.growing(one.stream_id, f"{now.words}\n{WORKING}")

    def _result(self, desk: Desk, one: Growing, now: progress.Progress) -> Drawing:
        reader = "" if one.is_group else one.sender
        card = tolerated(desk, lambda: current_card(desk, now.subject, reader, "wecom_bot")) if now.subject else None
        return card or Text(now.words)

    def _ended(self, one: Growing, drawing: Drawing, desk: Desk) -> Body:
        """The last words, with the card the first time only."""
        self._growings.keep(replace(one, drawing=to_json(drawing).decode(), shown=True))
        self._growings.leave(one)
        if isinstance(drawing, Text):
            return render.growing(one.stream_id, drawing.markdown, finish=True)
        card = None if one.shown else drawing
        return render.growing(one.stream_id, drawing.title, finish=True) | (
            render.with_card(card, one.message_id, desk.settings.hub.base_url) if card is not None else {}
        )


def _at_once(desk: Desk, heard: Heard) -> Body | None:
    reply = of_bot(desk, heard)
    return reply.body if reply is not None else None


class _Turn:
    """One answer that is being made on a thread of its own; when it comes too late, it is kept for the refreshes."""

    def __init__(self, growings: Growings, one: Growing) -> None:
        self.one = one
        self._growings = growings
        self._lock = threading.Lock()
        self._late = self._over = False

    def run(self, work: Callable[[], tuple[BotReply | None, str]]) -> tuple[BotReply | None, str]:
        try:
            answer = work()
        except SQLAlchemyError as error:
            log.error("answer_failed", **described(error))
            self._end(replace(self.one, drawing=to_json(Text(_FAILED)).decode()))
            raise
        reply, work_name = answer
        drawing = reply.drawing if reply is not None else Text("好的。")
        grown = replace(self.one, work=work_name) if work_name else replace(self.one, drawing=to_json(drawing).decode())
        self._end(grown)
        return answer

    def is_late(self) -> bool:
        """From now on the refreshes get it. False where it came just now."""
        with self._lock:
            if not self._over:
                self._growings.keep(self.one)
                self._late = True
            return self._late

    def _end(self, grown: Growing) -> None:
        with self._lock:
            self._over = True
            if not self._late:
                return
            try:
                self._growings.keep(grown)
            except RedisError as error:
                log.warning("late_answer_lost", error=type(error).__name__)
