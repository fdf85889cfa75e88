from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker

import clock
from clock import Beat, beats, lead, plan, planned, tick
from config import Settings
from handlers.desk import Job
from models import JobRun, Lease
from wire import Clock, Hub

AT = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)
PULL = Beat("pull-tb", "jobs.pull_shop", timedelta(minutes=10), arguments=("tb",))


def ignore(hub: Hub, job: Job, arguments: tuple[object, ...]) -> None:
    pass


@pytest.fixture
def hub(settings: Settings, engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    return Hub(settings, engine, sessions, redis, Clock(""), ignore)


def queued(redis: Redis, name: str = "pull") -> list[str]:
    return Queue(name, connection=redis).job_ids


def test_a_tick_is_queued_once_whoever_plans_it(hub: Hub, redis: Redis) -> None:
    done: list[bool] = []
    threads = [threading.Thread(target=lambda: done.append(tick(hub, PULL, AT))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == [False] * 5 + [True]
    assert queued(redis) == ["pull-tb-20251222T020000"]


def test_a_tick_that_redis_did_not_take_may_be_tried_again(hub: Hub, redis: Redis) -> None:
    dead = Hub(hub.settings, hub.engine, hub.sessions, Redis(port=1), hub.clock, ignore)
    assert not tick(dead, PULL, AT)
    with hub.sessions() as session:
        assert session.scalars(select(JobRun)).all() == []
    assert tick(hub, PULL, AT)


def test_the_same_tick_of_a_clock_that_forgot_is_not_queued_twice(hub: Hub, redis: Redis) -> None:
    tick(hub, PULL, AT)
    with hub.sessions() as session:
        session.execute(text("DELETE FROM job_runs"))
        session.commit()
    tick(hub, PULL, AT)
    assert len(queued(redis)) == 1


def test_every_clock_plans_the_same_grid() -> None:
    every, offset = timedelta(minutes=10), timedelta(minutes=3)
    assert planned(AT + timedelta(minutes=4), every, offset) == AT + timedelta(minutes=3)
    assert planned(AT + timedelta(minutes=12, seconds=59), every, offset) == AT + timedelta(minutes=3)
    assert planned(AT + timedelta(minutes=13), every, offset) == AT + timedelta(minutes=13)


def test_pulls_are_staggered_over_the_interval(settings: Settings) -> None:
    planned_beats = {beat.name: beat for beat in beats(settings)}
    pulls = [beat for name, beat in planned_beats.items() if name.startswith("pull-")]
    assert planned_beats["look"].every == timedelta(seconds=60)
    assert [pull.offset for pull in pulls] == [timedelta(0), timedelta(seconds=200), timedelta(seconds=400)]
    assert {pull.every for pull in pulls} == {timedelta(minutes=10)}
    assert planned_beats["tidy"].function == "jobs.tidy"


def test_the_proof_is_asked_for_once_a_day_at_its_hour_in_beijing(settings: Settings) -> None:
    def planned_for(hour: int, at: datetime) -> datetime:
        pull = settings.pull.model_copy(update={"proof_hour": hour})
        found = {beat.name: beat for beat in beats(settings.model_copy(update={"pull": pull}))}["prove"]
        return planned(at, found.every, found.offset)

    assert planned_for(3, AT) == datetime(2025, 12, 21, 19, 0, tzinfo=UTC), "three in the morning of the 22nd"
    assert planned_for(9, AT) == datetime(2025, 12, 22, 1, 0, tzinfo=UTC)
    assert planned_for(11, AT) == datetime(2025, 12, 21, 3, 0, tzinfo=UTC), "of the day before: it is ten o'clock"


def test_a_disabled_shop_is_not_pulled(settings: Settings) -> None:
    shops = (settings.shops[0].model_copy(update={"enabled": False}), *settings.shops[1:])
    names = {beat.name for beat in beats(settings.model_copy(update={"shops": shops}))}
    assert {name for name in names if name.startswith("pull-")} == {"pull-jd", "pull-pdd"}


class Watched(threading.Event):
    """An event that lets `lead` go round a given number of times, doing something before each wait."""

    def __init__(self, *turns: object) -> None:
        super().__init__()
        self.turns = list(turns)

    def wait(self, timeout: float | None = None) -> bool:
        if not self.turns:
            self.set()
            return True
        turn = self.turns.pop(0)
        if callable(turn):
            turn()
        return False


def owner(hub: Hub) -> str | None:
    with hub.sessions() as session:
        return session.scalars(select(Lease.owner).where(Lease.name == clock.LEASE)).one_or_none()


def test_one_leads_the_others_wait_and_take_over_when_it_goes(hub: Hub, redis: Redis) -> None:
    seen: list[str | None] = []

    def second_tries() -> None:
        lead(hub, "second", Watched())
        seen.append(owner(hub))

    lead(hub, "first", Watched(second_tries))
    seen.append(owner(hub))
    lead(hub, "second", Watched(lambda: seen.append(owner(hub))))
    assert seen == ["first", None, "second"], "the lease is free once its holder stops"
    assert "pull-tb" in "".join(queued(redis)), "who leads asks for pulls at once"


def test_who_loses_the_lease_stops_its_ticks(hub: Hub) -> None:
    def steal() -> None:
        with hub.sessions() as session:
            session.execute(text("UPDATE leases SET owner = 'thief', until = now() + interval '1 hour'"))
            session.commit()

    lead(hub, "first", Watched(steal, lambda: None))
    assert owner(hub) == "thief", "another's lease is not given up"


def test_an_expired_lease_is_taken_over(hub: Hub) -> None:
    with hub.sessions() as session:
        session.add(Lease(name=clock.LEASE, owner="dead", until=datetime.now(UTC) - timedelta(seconds=1)))
        session.commit()
    holder: list[str | None] = []
    lead(hub, "next", Watched(lambda: holder.append(owner(hub))))
    assert holder == ["next"]


def test_a_database_that_is_down_makes_nobody_lead(hub: Hub, settings: Settings) -> None:
    from models.session import make_engine, make_sessions

    engine = make_engine("postgresql://nobody@127.0.0.1:1/none")
    down = Hub(settings, engine, make_sessions(engine, hub.sessions.kw["info"]["vault"]), hub.redis, hub.clock, ignore)
    lead(down, "lonely", Watched(lambda: None))
    assert owner(hub) is None


def test_the_plan_holds_every_beat(hub: Hub) -> None:
    scheduler = plan(hub)
    scheduler.start(paused=True)
    assert len(scheduler.get_jobs()) == len(beats(hub.settings))
    scheduler.shutdown(wait=True)
