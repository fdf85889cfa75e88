"""The worker's door for "nothing lost": back-fill, sweep, proof, and what must be known of a shop beside its orders.

Like jobs.py, each function that RQ calls is one job; it wires, calls one room, commits. A back-fill goes on in small
pieces, so that the shops' pulls, which share the queue, never wait long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

import handlers.completeness.authorisation
import handlers.completeness.backfill
import handlers.completeness.gone
import handlers.completeness.proof
import ingest.backfill
import ingest.proof
import ingest.sweep
from handlers.completeness import which_shop
from handlers.completeness.backfill import Period
from handlers.desk import Actor, Desk, Job
from handlers.wording import day_of
from ingest.backfill import Progress, nobody
from ingest.reading import Reading
from ingest.source import Marketplace, PlatformError
from models import Backfill, Proof, Shop
from models.beijing import BEIJING
from wire import Hub, enqueue, hub, started
from workers.attempt import attempt
from workers.shop import at_desk, open_marketplace, watching

log = structlog.get_logger()
PIECE: Final = 20  # windows of a back-fill in one job
_NOON: Final = 12  # Beijing: what the night should have proved is missed by then
_MISSED: Final = "hub:missed:{}"  # hour: it is asked for again once an hour
_RENEWED: Final = "hub:renewed:{}:{}"  # shop, day: a renewal is tried once a day
_DAY_SECONDS: Final = 24 * 3600
_CLI: Final = Actor(name="系统", source="cli")


def tend() -> None:
    """Have every shop tended, and go on with back-fills that nobody is at."""
    here = hub()
    for shop in here.settings.shops:
        if shop.enabled:
            enqueue(here, Job.TEND_SHOP, (shop.slug,))
    with here.open_desk() as desk:
        for backfill_id in handlers.completeness.backfill.running(desk):
            desk.ask_later(Job.BACKFILL, backfill_id)
    attempt("missed_proofs", lambda: _ask_for_missed_proofs(here))


def _ask_for_missed_proofs(here: Hub) -> None:
    local = here.now().astimezone(BEIJING)
    if local.hour >= _NOON and here.redis.set(_MISSED.format(f"{local:%Y%m%d%H}"), 1, nx=True, ex=_DAY_SECONDS):
        with here.open_desk() as desk:
            handlers.completeness.proof.ask_again(desk)


def tend_shop(slug: str) -> str:
    """Look when the authorisation ends, and read again what the list of changes does not show."""
    here = hub()
    started(here, Job.TEND_SHOP, slug)
    with _at_shop(here, slug) as at:
        _tend_authorisation(here, slug, at.reading)
        seen = at_desk(here, at.later, handlers.completeness.gone.seen)
        swept = ingest.sweep.sweep(at.reading, here.settings.pull.sweep_orders, seen)
    log.info("tended", shop=slug, swept=str(swept))
    return str(swept)


def _tend_authorisation(here: Hub, slug: str, reading: Reading) -> None:
    until = reading.marketplace.authorised_until()
    if until is not None and until - here.now() <= handlers.completeness.authorisation.RENEW_FROM:
        until = _renewed(here, slug, reading.marketplace)
    with here.open_desk() as desk:
        renews = any(shop.slug == slug and shop.refresh_token for shop in here.settings.shops)
        handlers.completeness.authorisation.check(desk, reading.shop_id, until, renews=renews)


def _renewed(here: Hub, slug: str, marketplace: Marketplace) -> datetime | None:
    """When it ends, after it was renewed where the platform lets us."""
    key = _RENEWED.format(slug, day_of(here.now()))
    if here.redis.set(key, 1, nx=True, ex=_DAY_SECONDS):
        try:
            marketplace.refresh_session()
        except PlatformError as error:
            log.warning("renewal_failed", shop=slug, code=error.code)
    return marketplace.authorised_until()


def backfill(backfill_id: int) -> str:
    """Go on with a back-fill for a while."""
    here = hub()
    started(here, Job.BACKFILL, backfill_id)
    whose = select(Shop.slug).join(Backfill, Backfill.shop_id == Shop.id).where(Backfill.id == backfill_id)
    with here.sessions() as session:
        slug = session.scalars(whose).one()
    progress = _go_on(here, slug, backfill_id, most_windows=PIECE)
    if progress.problem and not progress.passing:
        with here.open_desk() as desk:
            handlers.completeness.backfill.stands(desk, backfill_id)
    elif not (progress.finished or progress.problem or progress.busy):
        enqueue(here, Job.BACKFILL, (backfill_id,))
    log.info("backfilled", shop=slug, progress=str(progress))
    return str(progress)


def backfill_shop(
    here: Hub, slug: str, period: Period, progress: Callable[[Progress], None] = nobody
) -> Progress:  # fmt: skip
    """Read whole Beijing days again, now and to the end; `progress` is called after each window with how many of all
    are done. Where the platform cuts it short (`problem`), the worker goes on with it. Raises
    LookupError for an unknown shop, Refusal for a period that the platform does not show."""
    with here.open_desk() as desk:
        shop = next((shop for shop in which_shop.read_shops(desk) if shop.slug == slug), None)
        if shop is None:
            raise LookupError(slug)
        backfill_id, _ = handlers.completeness.backfill.ask(desk, shop, period, _CLI)
        desk.later.clear()  # it is done here and now
    return _go_on(here, slug, backfill_id, progress=progress)


def _go_on(
    here: Hub,
    slug: str,
    backfill_id: int,
    *,
    progress: Callable[[Progress], None] = nobody,
    most_windows: int | None = None,
) -> Progress:
    with _at_shop(here, slug) as at:
        ended = at.desk(handlers.completeness.backfill.ended)
        return ingest.backfill.backfill(
            at.reading, backfill_id, ended=ended, progress=progress, most_windows=most_windows
        )


def prove_all() -> None:
    """Once a night: yesterday of every shop, and what was not green the days before."""
    with hub().open_desk() as desk:
        handlers.completeness.proof.nightly(desk)


def prove(day: str, slugs: str, staff_id: int) -> str:
    """Prove a day (yyyy-mm-dd) of these shops (tb,jd), one after the other, then show it. `staff_id` is who asked; 0 is
    the night, which also reads again all that was created yesterday and the day before."""
    here, which_day = hub(), date.fromisoformat(day)
    started(here, Job.PROVE, day, slugs, staff_id)
    proofs = [_proved(here, slug, which_day, staff_id) for slug in slugs.split(",")]
    with here.open_desk() as desk:
        handlers.completeness.proof.concluded(desk, which_day, proofs)
    if not staff_id and which_day == day_of(here.now()) - timedelta(days=1):
        for slug in slugs.split(","):
            attempt("sweep", lambda slug=slug: _sweep_created(here, slug), shop=slug)  # type: ignore[misc]
    return f"{day}: {len(proofs)} shops"


def prove_now(here: Hub, slug: str, day: date) -> Proof:
    """Prove a shop's day at once, for whoever waits for it; a card that stands in a chat follows. Raises Refusal for a
    day that cannot be proved."""
    with here.open_desk() as desk:
        shops = [shop for shop in which_shop.read_shops(desk) if shop.slug == slug]
        handlers.completeness.proof.check_day(desk, shops, day)
    proof_id = _proved(here, slug, day, staff_id=0)
    with here.open_desk() as desk:
        handlers.completeness.proof.concluded(desk, day, [proof_id], first_card=False)
        return desk.session.get_one(Proof, proof_id)


def _proved(here: Hub, slug: str, day: date, staff_id: int) -> int:
    """The number of a shop's proof. What breaks the code at one shop does not stop the others, and proves nothing."""

    def written(desk: Desk, proof_id: int) -> None:
        handlers.completeness.proof.written(desk, proof_id)
        if staff_id:
            handlers.completeness.proof.answer(desk, proof_id, staff_id)

    def work() -> int:
        with _at_shop(here, slug) as at:
            found = ingest.proof.prove(at.reading, day, told=at.desk(written))
            log.info("proved", shop=slug, day=day.isoformat(), state=found.state, reason=found.reason)
            return found.id

    found = attempt("proof", work, shop=slug)
    if found is not None:
        return found
    with here.open_desk() as desk:
        return handlers.completeness.proof.broke(desk, slug, day)


def _sweep_created(here: Hub, slug: str) -> None:
    with _at_shop(here, slug) as at:
        try:
            ingest.sweep.created_lately(at.reading, day_of(here.now()))
        except PlatformError as error:
            log.warning("sweep_cut_short", shop=slug, code=error.code)


@dataclass(frozen=True)
class _AtShop:
    """A shop that is read; what handlers ask for meanwhile is queued at the end."""

    here: Hub
    reading: Reading
    later: list[tuple[Job, tuple[object, ...]]]

    def desk(self, handler: Callable[[Desk, int], None]) -> Callable[[Session, int], None]:
        return at_desk(self.here, self.later, handler)


@contextmanager
def _at_shop(here: Hub, slug: str) -> Iterator[_AtShop]:
    settings = next(shop for shop in here.settings.shops if shop.slug == slug)
    with here.sessions() as session:
        shop = session.scalars(select(Shop).where(Shop.slug == slug)).one()
    later: list[tuple[Job, tuple[object, ...]]] = []
    marketplace = open_marketplace(here, settings, shop)
    try:
        watch = watching(here, later)
        yield _AtShop(here, Reading(here.sessions, shop.id, marketplace, now=here.now, watch=watch), later)
    finally:
        for job, arguments in later:
            enqueue(here, job, arguments)
