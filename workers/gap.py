"""After a pull that told nothing: the platform is asked in another way whether orders came
(handlers/completeness/gap.py)."""

from __future__ import annotations

from collections.abc import Callable

import structlog

import ingest.gap
from handlers.completeness import gap
from ingest.reading import Reading
from ingest.report import PullReport
from ingest.source import PlatformError
from wire import Hub

log = structlog.get_logger()


def after_pull(here: Hub, report: PullReport, reading: Callable[[], Reading]) -> None:
    """`report` is of a pull that read all there was; `reading` reads the same shop."""
    if report.new or report.changed:
        with here.open_desk() as desk:
            gap.heard(desk, report.shop_id)
        return
    at = reading()
    with here.open_desk() as desk:
        due = gap.due(desk, report.shop_id, at.marketplace.windows.overlap)
    if due is None:
        return
    try:
        missed = ingest.gap.missed(at, due.start, due.end, read_to=due.read_to)
    except PlatformError as error:
        log.warning("gap_not_told", shop=at.shop.slug, code=error.code)
        return
    if missed:
        log.error("feed_dead", shop=at.shop.slug, missed=missed[:20])
    with here.open_desk() as desk:
        gap.asked(desk, report.shop_id, due, missed)
