"""The worker's door: each function here is one RQ job. It wires, calls one room, commits, and records what went wrong.

`python jobs.py urgent` works on the named queues, in order. A job is a batch or a window, never an order; what must be
answered at once is answered in web. Redis holds only work that can be asked for again: the clock's sweeps refill it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from redis import ConnectionPool, Redis
from rq import Queue, SimpleWorker, Worker
from rq.worker import BaseWorker
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import bot.deliver
import bot.ladder
import bot.router
import handlers.drafts
import handlers.due
import handlers.jam
import handlers.shipping
import handlers.shops
import handlers.silence
import handlers.upstream
import handlers.watch
import ingest.couriers
import ingest.engine
import ingest.inbox
import ingest.reread
import ingest.write_back
import outages
import receiving
from bot.mishap import described
from config import Shop as ShopSettings
from handlers.desk import Desk, Job
from handlers.due import Due
from ingest import MARKETPLACES, Marketplace
from ingest.means import Means
from ingest.report import PullReport
from models import JobRun, Shop, WriteBack
from wire import Hub, enqueue, hub, started

log = structlog.get_logger()
Subject = TypeVar("Subject")


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
    marketplace = open_marketplace(here, settings, shop)
    try:
        report = ingest.engine.pull(
            here.sessions, shop.id, marketplace, here.settings.pull, now=here.now,
            watch=watching(here, later), stopped=at_desk(here, later, handlers.shops.stopped),
            most_windows=most_windows,
        )  # fmt: skip
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


def open_marketplace(here: Hub, settings: ShopSettings, shop: Shop) -> Marketplace:
    """The client of a shop, signing with the platform's clock as measured last."""
    offset = timedelta(seconds=shop.clock_offset_seconds)
    means = Means(now=lambda: here.now() + offset, sessions=here.sessions, redis=here.redis)
    return MARKETPLACES[settings.platform](settings, means)


def at_desk(
    here: Hub, later: list[tuple[Job, tuple[object, ...]]], handler: Callable[[Desk, Subject], None]
) -> Callable[[Session, Subject], None]:
    """`handler` for the pull, which commits itself: what it asks for is kept in `later` until then."""

    def run(session: Session, subject: Subject) -> None:
        desk = Desk(session=session, now=here.now(), settings=here.settings)
        handler(desk, subject)
        later.extend(asked for asked in desk.later if asked not in later)

    return run


def watching(here: Hub, later: list[tuple[Job, tuple[object, ...]]]) -> Callable[[Session, Sequence[int]], None]:
    """Watching in a pull. What breaks the code there must not hold up the shop's orders: they are stored, and the
    next look takes them one by one."""
    watch, look_soon = (at_desk(here, later, handler) for handler in (handlers.watch.arrived, handlers.due.look_soon))

    def run(session: Session, order_ids: Sequence[int]) -> None:
        try:
            with session.begin_nested():
                watch(session, order_ids)
        except Exception as error:
            log.error("watch_broke", orders=list(order_ids)[:20], **described(error))
            look_soon(session, order_ids)

    return run


def look() -> int:
    """Look at what is due: stale orders, deadlines, claims; then at what is owed."""
    here, total = hub(), 0
    while seen := _look(here):
        total += seen
    attempt("listening", lambda: _listen(here))
    attempt("overdue_files", lambda: receiving.ask_again(here))
    outages.tell(here)
    _look_at_queue(here)
    enqueue(here, Job.DELIVER, ())
    enqueue(here, Job.WRITE_BACK, ())
    return total


def _look_at_queue(here: Hub) -> None:
    """Whether orders pile up before the courier. What breaks the code there holds up nothing that is due."""
    try:
        with here.open_desk() as desk:
            handlers.jam.look(desk)
    except Exception as error:
        log.error("queue_look_broke", **described(error))


def _listen(here: Hub) -> None:
    """Whether a shop went silent."""
    with here.open_desk() as desk:
        handlers.silence.look(desk)


def attempt(what: str, work: Callable[[], Subject], **about: str) -> Subject | None:
    """What `work` gives; None, and a line in the log, where it breaks the code: others must go on."""
    try:
        return work()
    except Exception as error:
        log.error(f"{what}_broke", **about, **described(error))
        return None


def _look(here: Hub) -> int:
    """One batch; where one of it breaks the code, one by one."""
    try:
        with here.open_desk() as desk:
            return handlers.due.look(desk)
    except Exception as error:
        log.error("look_broke", **described(error))
    with here.open_desk() as desk:
        found = handlers.due.what_is_due(desk)
    return sum(_look_at(here, one) for one in found)


def _look_at(here: Hub, one: Due) -> bool:
    """Whether it was done. What breaks the code is put off, before anything else that might."""
    try:
        with here.open_desk() as desk:
            return handlers.due.look_at(desk, one)
    except Exception as error:
        log.error("look_broke", **{one.what: one.id}, **described(error))
    with here.open_desk() as desk:
        handlers.due.put_off(desk, one)
    _tell(here, lambda desk: handlers.due.tell_broken(desk, one), **{one.what: one.id})
    return False


def _tell(here: Hub, tell: Callable[[Desk], None], **about: int) -> None:
    """Tell people that the code broke; what it broke on may break the telling too."""
    try:
        with here.open_desk() as desk:
            tell(desk)
    except Exception as error:
        log.error("telling_broke", **about, **described(error))


def deliver() -> str:
    """Send what is owed on the channels that this process serves; what must wait is tried again when its time comes."""
    here = hub()
    started(here, Job.DELIVER)
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
        handlers.silence.forget(desk)
        handlers.drafts.forget(desk)
        ingest.inbox.forget(desk.session, desk.now)
        desk.session.execute(delete(JobRun).where(JobRun.planned_at < datetime.now(UTC) - timedelta(days=2)))


def write_back() -> int:
    """Tell the marketplaces what left the house, each row in a transaction of its own."""
    here, done = hub(), 0
    started(here, Job.WRITE_BACK)
    for row_id in _owed_write_backs(here):
        done += _write_back_one(here, row_id)
    outages.tell(here)
    return done


def _owed_write_backs(here: Hub) -> list[int]:
    due = select(WriteBack.id).where(WriteBack.state == "owed", WriteBack.next_try_at <= here.now())
    with here.sessions() as session:
        return list(session.scalars(due.order_by(WriteBack.next_try_at).limit(500)))


def _write_back_one(here: Hub, row_id: int) -> bool:
    try:
        return _push(here, row_id)
    except Exception as error:
        log.error("write_back_broke", id=row_id, **described(error))
    with here.open_desk() as desk:
        handlers.shipping.put_off(desk, row_id)
    _tell(here, lambda desk: handlers.shipping.write_back_failed(desk, row_id, handlers.shipping.BROKE), id=row_id)
    return False


def _push(here: Hub, row_id: int) -> bool:
    with here.open_desk() as desk:
        claim = select(WriteBack).where(WriteBack.id == row_id, WriteBack.state == "owed")
        row = desk.session.scalars(claim.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return False
        shop = desk.session.get_one(Shop, row.shop_id)
        settings = next((known for known in here.settings.shops if known.slug == shop.slug), None)
        if settings is None:
            row.state, row.next_try_at, row.problem = "failed", None, f"配置里没有店铺 {shop.slug}"
            handlers.shipping.write_back_failed(desk, row.id, row.problem)
            return False
        marketplace = open_marketplace(here, settings, shop)
        if not marketplace.told:  # chat, mail, spreadsheets: there is nobody to hear it
            row.state, row.next_try_at, row.confirmed_at = "confirmed", None, desk.now
            return True
        outcome = ingest.write_back.push(desk.session, marketplace, row, desk.now)
        if outcome.confirmed:
            handlers.shipping.write_back_confirmed(desk, row.id)
        elif outcome.result == "elsewhere":
            handlers.shipping.shipped_elsewhere(desk, row.id, outcome.text)
        elif outcome.tell_people:
            handlers.shipping.write_back_failed(desk, row.id, outcome.text)
        return bool(outcome.confirmed)


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
    kind(queues, connection=patient(here.redis)).work(logging_level="WARNING", with_scheduler=kind is SimpleWorker)


if __name__ == "__main__":
    import jobs  # the same module under the name that queued jobs use

    jobs.main(sys.argv[1:] or ["urgent", "pull"])
