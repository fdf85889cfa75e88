"""The worker's part of what is done to many orders at once."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import jobs
from config import Settings
from handlers import commands, pressing
from handlers.batches import moves, running
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk
from models import Batch, BatchOrder, Order
from tests.cast import Cast
from tests.factories import pressed, typed
from tests.handlers.test_concurrency import cast, stored
from wire import Clock, Hub, enqueue
from workers import batches

__all__ = ["cast"]


@pytest.fixture
def hub(
    settings: Settings, engine: Engine, sessions: sessionmaker[Session], redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> Hub:
    made = Hub(settings, engine, sessions, redis, Clock(""), enqueue)
    for door in (batches, jobs):
        monkeypatch.setattr(door, "hub", lambda: made)  # the door's own way to its hub, which reads hub.toml
    return made


def confirmed(hub: Hub, by: Actor, words: str = "审核 全部") -> int:
    with hub.open_desk() as desk:
        view = commands.run(desk, typed(words, is_group=False), by)
    assert isinstance(view, BatchView)
    with hub.open_desk() as desk:
        pressing.press(desk, pressed("batch_confirm", f"batch:{view.batch_id}"), by)
    return view.batch_id


def state(hub: Hub, batch_id: int) -> tuple[str, dict[str, int]]:
    with hub.sessions() as session:
        found: dict[str, int] = {}
        for one in session.scalars(select(BatchOrder.state)):
            found[one] = found.get(one, 0) + 1
        return session.get_one(Batch, batch_id).state, found


def test_a_real_worker_does_what_was_confirmed(
    hub: Hub, sessions: sessionmaker[Session], redis: Redis, cast: Cast
) -> None:
    stored(sessions, 150)

    batch_id = confirmed(hub, cast.xiaoli)
    assert state(hub, batch_id) == ("running", {"waiting": 150})
    urgent = Queue("urgent", connection=redis)
    assert "workers.batches.run_batch" in [job.func_name for job in urgent.jobs]
    SimpleWorker([urgent], connection=jobs.patient(redis)).work(burst=True, logging_level="ERROR")

    assert state(hub, batch_id) == ("done", {"done": 150})


def test_what_a_dead_worker_or_a_lost_queue_left_is_asked_for_again(
    hub: Hub, sessions: sessionmaker[Session], redis: Redis, cast: Cast
) -> None:
    stored(sessions, 150)
    batch_id = confirmed(hub, cast.xiaoli)
    with hub.open_desk() as desk:
        running.go_on(desk, batch_id)
    redis.flushall()

    batches.resume(hub)

    urgent = Queue("urgent", connection=redis)
    assert [(job.func_name, job.args) for job in urgent.jobs] == [("workers.batches.run_batch", (batch_id,))]
    assert batches.run_batch(batch_id) == 0, "one chunk was left"
    assert state(hub, batch_id) == ("done", {"done": 150})
    batches.resume(hub)
    asked = [job.func_name for job in urgent.jobs]
    assert asked.count("workers.batches.run_batch") == 1, "nothing is left"


def test_an_order_that_breaks_the_code_stops_no_other(
    hub: Hub, sessions: sessionmaker[Session], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = stored(sessions, 120)
    batch_id = confirmed(hub, cast.xiaoli)
    whole = moves.move

    def breaking(desk: Desk, actor: Actor, made: Any) -> None:
        if any(one.row.id == ids[3] for one in made):
            raise ZeroDivisionError
        whole(desk, actor, made)

    monkeypatch.setattr(moves, "move", breaking)
    batches.run_batch(batch_id)

    assert state(hub, batch_id) == ("done", {"done": 119, "skipped": 1})
    with hub.sessions() as session:
        assert session.get_one(Order, ids[3]).stage == "pending_review"
        (why,) = session.scalars(select(BatchOrder.why).where(BatchOrder.state == "skipped"))
        assert why == "程序处理这一单时出错，没有动：请联系管理员"


def test_a_batch_that_is_gone_or_over_is_no_work(hub: Hub, sessions: sessionmaker[Session], cast: Cast) -> None:
    stored(sessions, 3)
    batch_id = confirmed(hub, cast.xiaoli)
    assert batches.run_batch(batch_id) == 0
    assert batches.run_batch(99999) == 0
