"""Reads a shop outside its pull (back-fill, sweep, proof): with the same patience, through the same taking, and without
ever touching the pull's cursor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from ingest.patience import Patience
from ingest.report import PullReport
from ingest.source import Marketplace, PlatformError, Record
from ingest.taking import Sessions, Taking, Watch
from models import Shop

T = TypeVar("T")
BATCH: Final = 500


class Reading:
    """One shop, read by whoever needs more of it than the pull. `report` counts what became of the records."""

    def __init__(
        self,
        sessions: Sessions,
        shop_id: int,
        marketplace: Marketplace,
        *,
        now: Callable[[], datetime],
        watch: Watch,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.sessions, self.shop_id, self.marketplace, self.now = sessions, shop_id, marketplace, now
        self._sleep = sleep
        with sessions() as session:
            self.shop = session.get_one(Shop, shop_id)
        self.report = PullReport(shop_id, clock_offset_seconds=self.shop.clock_offset_seconds)
        self._taking = Taking(sessions, self.shop, marketplace, self.report, now=now, watch=watch)

    def call(self, work: Callable[[], T]) -> T:
        """What `work`, which may run several times, returns. Raises PlatformError when patience ends."""
        return Patience(self._sleep, self._set_clock, self.marketplace.refresh_session).call(work)

    def take(self, records: Sequence[Record]) -> None:
        self._taking.take(records)

    def take_created(self, start: datetime, end: datetime) -> None:
        """Store all that was created between the two, in windows that the source likes. Raises PlatformError; what was
        read until then is stored."""
        span = self.marketplace.windows.span
        while start < end:
            self.call(partial(self._take_created, start, min(start + span, end)))
            start += span

    def closed(self) -> datetime:
        """Platform time up to which windows may be asked for."""
        offset = timedelta(seconds=self.shop.clock_offset_seconds)
        return (self.now() + offset - self.marketplace.windows.lag).replace(microsecond=0)

    def _take_created(self, start: datetime, end: datetime) -> None:
        for batch in batches(self.marketplace.created(start, end)):
            self._taking.take(batch)

    def _set_clock(self) -> None:
        self.marketplace.measure_clock()


def batches(pages: Iterator[list[Record]]) -> Iterator[list[Record]]:
    """The records of `pages`, BATCH at a time."""
    batch: list[Record] = []
    for page in pages:
        batch.extend(page)
        while len(batch) >= BATCH:
            yield batch[:BATCH]
            del batch[:BATCH]
    if batch:
        yield batch


def said(error: PlatformError) -> str:
    """What the platform's error means to people, with its code."""
    return f"{error.resolution.text}（{error.code}）"


@contextmanager
def alone(sessions: Sessions, kind: int, number: int) -> Iterator[bool]:
    """Whether nobody else does this work (an advisory lock's class and number) at the moment. The lock lives on a
    connection of its own and dies with it."""
    key = {"class": kind, "number": number}
    with sessions() as session:
        # Autocommit: the connection stays open for the whole work, a transaction must not.
        connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        found = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:class, :number)"), key))
        try:
            yield found
        finally:
            if found:
                connection.execute(text("SELECT pg_advisory_unlock(:class, :number)"), key)


Told = Callable[[Session, int], None]
"""(session, row id): runs in the transaction that writes the row, so that nothing comes about unheard."""
