"""The clock's door: APScheduler asks for pulls and for looks at what is due; it does no work itself.

Several clocks may run. A lease lets one lead (the others wait and take over within seconds); the primary key of
`job_runs` makes each planned tick start once, whoever leads.
"""

from __future__ import annotations

import functools
import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from config import Settings
from models import JobRun, lease
from wire import Hub, hub

log = structlog.get_logger()

LEASE: Final = "clock"
_PULLING: Final = frozenset({"jobs.pull_shop", "workers.supply.read_erp", "workers.supply.track_parcels"})
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_TEND_LEAST: Final = timedelta(minutes=1)


def enqueue_tick(redis: Redis, function: str, tick: str, *arguments: object) -> None:
    """Queue a clock's tick once, whoever plans it. Raises RedisError."""
    queue = "pull" if function in _PULLING else "urgent"
    try:
        Queue(queue, connection=redis).enqueue(
            function, *arguments, job_id=tick, unique=True, result_ttl=0, failure_ttl=60, job_timeout=3600
        )
    except DuplicateJobError:
        log.info("tick_queued_already", tick=tick)


def planned(moment: datetime, every: timedelta, offset: timedelta) -> datetime:
    """The tick of the grid (every, offset) that `moment` belongs to: the same for every clock."""
    return moment - (moment - _EPOCH - offset) % every


@dataclass(frozen=True)
class Beat:
    """What is asked for again and again: an RQ function, on the grid (every, offset)."""

    name: str
    function: str
    every: timedelta
    offset: timedelta = timedelta(0)
    arguments: tuple[object, ...] = ()


def tick(here: Hub, beat: Beat, at: datetime) -> bool:
    """Queue the beat's tick planned for `at`; False when it was queued before."""
    row = {"job": beat.name, "planned_at": at, "started_at": datetime.now(UTC)}
    with here.sessions() as session:
        taken = session.execute(insert(JobRun).values(row).on_conflict_do_nothing().returning(JobRun.job)).first()
        if taken is None:
            return False
        try:
            enqueue_tick(here.redis, beat.function, f"{beat.name}-{at:%Y%m%dT%H%M%S}", *beat.arguments)
        except RedisError:
            log.warning("tick_not_queued", tick=beat.name)  # not committed, so another clock or the next tick may
            return False
        session.commit()
    return True


def beats(settings: Settings) -> list[Beat]:
    """A look at what is due, each shop's pull, staggered over the interval, and the tidying up."""
    every = timedelta(seconds=settings.pull.every_seconds)
    shops = [shop for shop in settings.shops if shop.enabled]
    pulls = [
        Beat(f"pull-{shop.slug}", "jobs.pull_shop", every, every * number / len(shops), (shop.slug,))
        for number, shop in enumerate(shops)
    ]
    look = Beat("look", "jobs.look", timedelta(seconds=settings.clock.look_every_seconds))
    tidy = Beat("tidy", "jobs.tidy", timedelta(hours=6), timedelta(minutes=7))
    pushed = Beat("pushed", "workers.pushed.ask_for_pushed", look.every, look.every / 2)
    return [
        look,
        *pulls,
        tidy,
        pushed,
        *completeness_beats(settings),
        *supply_beats(settings),
        *customer_beats(settings),
    ]


def supply_beats(settings: Settings) -> list[Beat]:
    """Each ERP's reading, and the questions about parcels."""
    minute = timedelta(minutes=1)
    erps = [
        Beat(
            f"erp-{erp.slug}", "workers.supply.read_erp", timedelta(seconds=erp.every_seconds), minute / 4, (erp.slug,)
        )
        for erp in settings.erp
    ]
    parcels = [Beat("parcels", "workers.supply.track_parcels", minute, minute * 3 / 4)] if settings.courier else []
    return [*erps, *parcels]


def customer_beats(settings: Settings) -> list[Beat]:
    """Once a night: which templates the service account still has."""
    if settings.weixin is None:
        return []
    at = timedelta(hours=(4 - 8) % 24)  # Beijing's hour on a grid that begins at midnight UTC
    return [Beat("templates", "workers.customers.read_templates", timedelta(days=1), at)]


def completeness_beats(settings: Settings) -> list[Beat]:
    """Between the pulls what they do not show; once a night the proof that nothing is missing."""
    every = max(timedelta(seconds=settings.pull.every_seconds), _TEND_LEAST)
    at = timedelta(hours=(settings.pull.proof_hour - 8) % 24)  # Beijing's hour on a grid that begins at midnight UTC
    return [
        Beat("tend", "workers.completeness.tend", every, every / 2),
        Beat("prove", "workers.completeness.prove_all", timedelta(days=1), at),
    ]


def plan(here: Hub) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(timezone=UTC)
    for beat in beats(here.settings):
        _add(scheduler, functools.partial(_tick_now, here, beat), beat.every, beat.offset)
    return scheduler


def _tick_now(here: Hub, beat: Beat) -> None:
    tick(here, beat, planned(datetime.now(UTC), beat.every, beat.offset))


def _add(scheduler: BackgroundScheduler, run: Callable[[], object], every: timedelta, offset: timedelta) -> None:
    trigger = IntervalTrigger(seconds=int(every.total_seconds()), start_date=_EPOCH + offset, timezone=UTC)
    # Once at the start too: what a stopped clock missed is made up for, and a newcomer does not wait.
    scheduler.add_job(
        run, trigger, coalesce=True, max_instances=1, misfire_grace_time=60, next_run_time=datetime.now(UTC)
    )


def lead(here: Hub, owner: str, stopping: threading.Event) -> None:
    """Wait for the lease, lead while it is ours, give the scheduler up the moment it is not."""
    scheduler: BackgroundScheduler | None = None
    while not stopping.is_set():
        leads = _leads(here, owner)
        if leads and scheduler is None:
            log.info("clock_leads", owner=owner)
            scheduler = plan(here)
            scheduler.start()
        elif not leads and scheduler is not None:
            log.warning("clock_lost_the_lease", owner=owner)
            scheduler.shutdown(wait=True)
            scheduler = None
        stopping.wait(lease.RENEW_SECONDS)
    if scheduler is not None:
        scheduler.shutdown(wait=True)
    _give_up(here, owner)


def _leads(here: Hub, owner: str) -> bool:
    try:
        with here.sessions() as session:
            leads = lease.take(session, LEASE, owner)
            session.commit()
            return leads
    except OperationalError:
        log.warning("database_unreachable", door="clock")
        return False


def _give_up(here: Hub, owner: str) -> None:
    try:
        with here.sessions() as session:
            lease.give_up(session, LEASE, owner)
            session.commit()
    except OperationalError:
        log.warning("lease_not_given_up", door="clock")  # it ends by itself


def main() -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    owner = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    lead(hub(), owner, stopping)


if __name__ == "__main__":
    main()
