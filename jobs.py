"""The worker's door: each function here is one RQ job. It wires, calls one room, commits, and records what went wrong.

`python jobs.py urgent` works on the named queues, in order. A job is a batch or a window, never an order; what must be
answered at once is answered in web. Redis holds only work that can be asked for again: the clock's sweeps refill it.
"""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from redis import ConnectionPool, Redis
from rq import Queue, SimpleWorker, Worker
from rq.worker import BaseWorker
from sqlalchemy import delete, select

import bot.deliver
import bot.ladder
import bot.router
import bot.settle
import bot.usage
import handlers.batches.store
import handlers.completeness.silence
import handlers.drafts.drafts
import handlers.due
import handlers.shipping
import handlers.shops
import handlers.supply.jam
import handlers.upstream
import ingest.couriers
import ingest.engine
import ingest.inbox
import ingest.reread
from handlers.desk import Desk, Job
from handlers.due import Due
from ingest.reading import Reading
from ingest.report import PullReport
from models import JobRun, Shop
from wire import Hub, enqueue, hub, started
from workers import batches, customers, gap, outages, receiving, rulebook, writing_back
from workers.attempt import Result, attempt
from workers.shop import at_desk, open_marketplace, watching

log = structlog.get_logger()

MOST_ROUNDS = 100
"""Of one look, each up to 500 orders: a back-fill is worked off, and an order that wakes itself again with every round
does not keep the worker from delivering for ever. What is left is found by the next look."""


def pull_shop(slug: str) -> str:
    """Read one shop up to now: new and changed orders are stored and watched, window by window."""
    here = hub()
    started(here, Job.PULL_SHOP, slug)
    report = pull_now(here, slug)
    if report.more:
        enqueue(here, Job.PULL_SHOP, (slug,))
    log.info("pulled", shop=slug, report=str(report))
    return str(report)


def pull_now(here: Hub, slug: str, most_windows: int = ingest.engine.MOST_WINDOWS) -> PullReport:
    """A pull, or a part of one (`more`), and what it means for the shop's matter."""
    settings = next(shop for shop in here.settings.shops if shop.slug == slug)
    with here.sessions() as session:
        shop = session.scalars(select(Shop).where(Shop.slug == slug)).one()
    later: list[tuple[Job, tuple[object, ...]]] = []
    marketplace, watch = open_marketplace(here, settings, shop), watching(here, later)
    try:
        report = ingest.engine.pull(
            here.sessions, shop.id, marketplace, here.settings.pull, now=here.now,
            watch=watch, stopped=at_desk(here, later, handlers.shops.stopped), most_windows=most_windows,
        )  # fmt: skip
        if report.finished and not report.more:
            reading = functools.partial(Reading, here.sessions, shop.id, marketplace, now=here.now, watch=watch)
            attempt("gap", lambda: gap.after_pull(here, report, reading), shop=slug)
    finally:
        for job, arguments in later:
            enqueue(here, job, arguments)
    outages.tell(here)
    couriers = ingest.couriers.told_of(marketplace) if report.finished and shop.couriers is None else None
    if not report.busy and not report.stopped:
        with here.open_desk() as desk:
            _note_reading(desk, shop, finished=report.finished)
            if couriers:
                handlers.shops.note_couriers(desk, shop.id, couriers)
    if settings.platform == "sheet":
        receiving.settle(here, slug)
    return report


def _note_reading(desk: Desk, shop: Shop, *, finished: bool) -> None:
    """What the shop's matter becomes. A platform whose interface fails is one matter already, not one per shop."""
    handlers.shops.tried(desk, shop.id)
    if finished:
        handlers.shops.resumed(desk, shop.id)
    elif not handlers.upstream.is_down(desk, shop.platform):
        handlers.shops.unread(desk, shop.id)


def read_received(file_id: int) -> str:
    """Fetch and look at a file that somebody handed in."""
    here = hub()
    started(here, Job.READ_RECEIVED, file_id)
    return receiving.read(here, file_id)


def reread_shop(here: Hub, slug: str) -> PullReport:
    """Read a shop's unreadable records again; `flask --app app hub reread` calls it. Raises LookupError."""
    settings = next((shop for shop in here.settings.shops if shop.slug == slug), None)
    with here.sessions() as session:
        shop = session.scalars(select(Shop).where(Shop.slug == slug)).one_or_none()
    if settings is None or shop is None:
        raise LookupError(slug)
    later: list[tuple[Job, tuple[object, ...]]] = []
    marketplace = open_marketplace(here, settings, shop)
    try:
        return ingest.reread.reread(
            here.sessions, shop.id, marketplace, now=here.now, watch=watching(here, later)
        )  # fmt: skip
    finally:
        for job, arguments in later:
            enqueue(here, job, arguments)


def look() -> int:
    """Look at what is due: stale orders, deadlines, claims; then at what is owed."""
    here, total = hub(), 0
    for _ in range(MOST_ROUNDS):
        if not (seen := _look(here)):
            break
        total += seen
    attempt("listening", lambda: _listen(here))
    attempt("overdue_files", lambda: receiving.ask_again(here))
    attempt("batches_left", lambda: batches.resume(here))
    attempt("dry_runs_left", lambda: rulebook.resume(here))
    outages.tell(here)
    attempt("queue_look", lambda: _look_at_queue(here))
    attempt("late_customers", lambda: customers.tell_late(here))
    enqueue(here, Job.DELIVER, ())
    enqueue(here, Job.WRITE_BACK, ())
    return total


def _look_at_queue(here: Hub) -> None:
    """Whether orders pile up before the courier."""
    with here.open_desk() as desk:
        handlers.supply.jam.look(desk)


def _listen(here: Hub) -> None:
    """Whether a shop went silent."""
    with here.open_desk() as desk:
        handlers.completeness.silence.look(desk)


def _look(here: Hub) -> int:
    """One batch; where one of it breaks the code, one by one."""
    seen = attempt("look", lambda: _at_desk(here, handlers.due.look))
    if seen is not None:
        return seen
    with here.open_desk() as desk:
        found = handlers.due.what_is_due(desk)
    return sum(_look_at(here, one) for one in found)


def _look_at(here: Hub, one: Due) -> bool:
    """Whether it was done. What breaks the code is put off, before anything else that might."""
    about = {one.what: one.id}
    done = attempt("look", lambda: _at_desk(here, lambda desk: handlers.due.look_at(desk, one)), **about)
    if done is not None:
        return done
    with here.open_desk() as desk:
        handlers.due.put_off(desk, one)
    _tell(here, lambda desk: handlers.due.tell_broken(desk, one), **about)
    return False


def _tell(here: Hub, tell: Callable[[Desk], None], **about: int) -> None:
    """Tell people that the code broke; what it broke on may break the telling too."""
    attempt("telling", lambda: _at_desk(here, tell), **about)


def _at_desk(here: Hub, work: Callable[[Desk], Result]) -> Result:
    with here.open_desk() as desk:
        return work(desk)


def deliver() -> str:
    """Send what is owed on the channels that this process serves; what must wait is tried again when its time comes."""
    here = hub()
    started(here, Job.DELIVER)
    bot.usage.keep(here.open_desk, here.redis, here.settings, here.now)
    report = bot.deliver.deliver(here.open_desk, bot.ladder.ways(here.settings, here.redis, home="worker"), here.now)
    if report.again_at is not None:
        pause = max(report.again_at - here.now(), timedelta(seconds=1))
        Queue("urgent", connection=here.redis).enqueue_in(
            pause, "jobs.deliver", job_id="deliver-again", result_ttl=0, failure_ttl=60
        )
    return str(report)


def tidy() -> None:
    """Forget what nobody needs any more: marks of seen messages, old ticks."""
    with hub().open_desk() as desk:
        bot.router.forget_seen(desk)
        bot.settle.forget(desk)
        handlers.completeness.silence.forget(desk)
        handlers.drafts.drafts.forget(desk)
        handlers.batches.store.forget(desk)
        ingest.inbox.forget(desk.session, desk.now)
        desk.session.execute(delete(JobRun).where(JobRun.planned_at < datetime.now(UTC) - timedelta(days=2)))


def write_back() -> int:
    """Tell the marketplaces what left the house, each row in a transaction of its own."""
    here, done = hub(), 0
    started(here, Job.WRITE_BACK)
    for row_id in writing_back.owed(here):
        done += _write_back_one(here, row_id)
    outages.tell(here)
    return done


def _write_back_one(here: Hub, row_id: int) -> bool:
    told = attempt("write_back", lambda: writing_back.push(here, row_id), id=row_id)
    if told is not None:
        return told
    with here.open_desk() as desk:
        handlers.shipping.put_off(desk, row_id)
    _tell(here, lambda desk: handlers.shipping.write_back_failed(desk, row_id, handlers.shipping.BROKE), id=row_id)
    return False


def patient(redis: Redis) -> Redis:
    """The same server by connections that wait without a time-out, as a worker's must."""
    pool = redis.connection_pool
    wishes = {**pool.connection_kwargs, "socket_timeout": None}
    return Redis(connection_pool=ConnectionPool(connection_class=pool.connection_class, **wishes))


def main(queues: list[str]) -> None:
    """Work until told to stop. Pulls are long and large: each is forked off, and its memory ends with it. What is
    urgent is short and must not wait for a fork: it runs in this process, on connections that stay open."""
    here = hub()
    kind: type[BaseWorker] = Worker if "pull" in queues else SimpleWorker
    if kind is Worker:
        here.engine.dispose()
        hub.cache_clear()
    gc.freeze()  # what is loaded by now stays: a collection need not go through it, nor a fork copy its pages for that
    kind(queues, connection=patient(here.redis)).work(logging_level="WARNING", with_scheduler=kind is SimpleWorker)


if __name__ == "__main__":
    import jobs  # the same module under the name that queued jobs use

    jobs.main(sys.argv[1:] or ["urgent", "pull"])
