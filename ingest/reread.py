"""Reads a shop's kept unreadable records again, by the parser of today. Asks nothing of the platform."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ingest import kept
from ingest.report import PullReport
from ingest.source import Marketplace
from ingest.taking import Sessions, Taking, Watch
from models import Shop

BATCH = 500


def reread(
    sessions: Sessions, shop_id: int, marketplace: Marketplace, *, now: Callable[[], datetime], watch: Watch
) -> PullReport:
    """Each batch is a transaction of its own, so a second run goes on where the first was cut short. The report counts
    what became of the records; `unreadable` are those that still are."""
    with sessions() as session:
        shop = session.get_one(Shop, shop_id)
    report = PullReport(shop_id, clock_offset_seconds=shop.clock_offset_seconds)
    taking = Taking(sessions, shop, marketplace, report, now=now, watch=watch)
    last = 0
    while True:
        with sessions() as session:
            found, last = kept.unread(session, shop_id, after=last, many=BATCH)
        if not last:
            return report
        taking.take_again(found)
