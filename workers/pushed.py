"""The worker's door for what marketplaces push: each shop's messages are one job, however many there are."""

from __future__ import annotations

import structlog
from sqlalchemy import select

import ingest.inbox
from handlers.desk import Job
from ingest.reading import Reading
from models import Shop
from wire import enqueue, hub, started
from workers.shop import open_marketplace, watching

log = structlog.get_logger()


def read_pushed(slug: str) -> str:
    """Read the orders that a shop's platform said to have changed. The pull reads them too, when its time comes."""
    here = hub()
    started(here, Job.READ_PUSHED, slug)
    settings = next((shop for shop in here.settings.shops if shop.slug == slug), None)
    with here.sessions() as session:
        shop = session.scalars(select(Shop).where(Shop.slug == slug)).one_or_none()
    if settings is None or shop is None:
        return "no such shop"
    later: list[tuple[Job, tuple[object, ...]]] = []
    marketplace = open_marketplace(here, settings, shop)
    reading = Reading(here.sessions, shop.id, marketplace, now=here.now, watch=watching(here, later))
    try:
        heard = ingest.inbox.read(reading)
    finally:
        for job, arguments in later:
            enqueue(here, job, arguments)
    log.info("pushed", shop=slug, heard=str(heard))
    return str(heard)


def ask_for_pushed() -> None:
    """What a lost job or a platform that failed left unread is asked for again."""
    here = hub()
    with here.sessions() as session:
        slugs = ingest.inbox.waiting(session)
    for slug in slugs:
        enqueue(here, Job.READ_PUSHED, (slug,))
