"""The worker's part of a dry run."""

from __future__ import annotations

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import jobs
from config import Settings
from handlers import commands
from handlers.desk import Desk
from handlers.rulebook import dry_run
from handlers.views import TextView
from models import DryRun, Notification
from tests.cast import Cast
from tests.factories import typed
from tests.handlers.test_concurrency import cast, stored
from wire import Clock, Hub, enqueue
from workers import rulebook

__all__ = ["cast"]


@pytest.fixture
def hub(
    settings: Settings, engine: Engine, sessions: sessionmaker[Session], redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> Hub:
    made = Hub(settings, engine, sessions, redis, Clock(""), enqueue)
    for door in (rulebook, jobs):
        monkeypatch.setattr(door, "hub", lambda: made)  # the door's own way to its hub, which reads hub.toml
    monkeypatch.setattr(dry_run, "AT_ONCE", 5)
    monkeypatch.setattr(dry_run, "_CHUNK", 20)
    return made


def asked(hub: Hub, cast: Cast) -> int:
    with hub.open_desk() as desk:
        view = commands.run(desk, typed("预演 金额 > 1", is_group=False), cast.chenjie)
        assert isinstance(view, TextView)
        (run_id,) = dry_run.live(desk)
    return run_id


def told(hub: Hub) -> list[tuple[str, str]]:
    with hub.sessions() as session:
        found = session.scalars(select(Notification).order_by(Notification.id)).all()
        return [(one.purpose, str(one.body["text"])) for one in found]


def test_a_real_worker_replays_chunk_by_chunk_and_tells_who_asked(
    hub: Hub, sessions: sessionmaker[Session], redis: Redis, cast: Cast
) -> None:
    stored(sessions, 50)
    run_id = asked(hub, cast)

    SimpleWorker([Queue("urgent", connection=redis)], connection=redis).work(burst=True)

    with hub.sessions() as session:
        run = session.get_one(DryRun, run_id)
        assert (run.state, run.looked, run.total) == ("done", 50, 50)
    assert told(hub)[0][0] == "text"
    assert "现在没发的 50 单：命中 50 单" in told(hub)[0][1]


def test_what_a_dead_worker_left_is_asked_for_again(
    hub: Hub, sessions: sessionmaker[Session], redis: Redis, cast: Cast
) -> None:
    stored(sessions, 50)
    run_id = asked(hub, cast)
    redis.flushall()  # the queue is gone; the row is the record
    with hub.open_desk() as desk:
        assert dry_run.go_on(desk, run_id)

    rulebook.resume(hub)
    SimpleWorker([Queue("urgent", connection=redis)], connection=redis).work(burst=True)

    with hub.sessions() as session:
        assert session.get_one(DryRun, run_id).looked == 50
    assert len([words for purpose, words in told(hub) if purpose == "text"]) == 1


def test_one_that_breaks_the_code_is_over_and_says_so(
    hub: Hub, sessions: sessionmaker[Session], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_desk: Desk, _run_id: int) -> bool:
        raise ZeroDivisionError

    stored(sessions, 10)
    run_id = asked(hub, cast)
    monkeypatch.setattr(dry_run, "go_on", broken)

    assert rulebook.try_rule(run_id) == 0

    assert told(hub) == [("text", "预演没有做完（金额 > 1），请再发一次；还不行请联系管理员")]
