"""Reads one ERP up to now: first what it shipped, window by window, then its stock. A crash repeats and loses nothing.

What a page leads to and how far it was read are committed together (stock), or the mark moves after the last page of
its window (orders).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import ColumnElement, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from ingest.erp.report import ErpReport
from ingest.erp.source import Erp, ErpShipment, StockLevel
from ingest.patience import Patience
from ingest.source import Action, PlatformError
from ingest.window import Window, next_window
from models import Erp as ErpRow
from models import ErpCursor

log = structlog.get_logger()

ORDERS: Final = "orders"
STOCK: Final = "stock"
FIRST: Final = timedelta(hours=24)  # how far back the first reading of orders begins
MOST_WINDOWS: Final = 100
_WAIT_SECONDS: Final = {Action.WAIT: 60.0, Action.PAUSE: 600.0}
_LOCK: Final = text("SELECT pg_try_advisory_lock(4070004, hashtext(:slug))")
_UNLOCK: Final = text("SELECT pg_advisory_unlock(4070004, hashtext(:slug))")


@dataclass(frozen=True, slots=True)
class Takers:
    """What is done with what an ERP tells, each in the transaction that keeps it. `stock` is None where the ERP's
    stock is not wanted."""

    orders: Callable[[Session, Sequence[ErpShipment]], None]
    stock: Callable[[Session, Sequence[StockLevel]], None] | None
    stopped: Callable[[Session, str], None]


def read(
    sessions: sessionmaker[Session],
    slug: str,
    erp: Erp,
    takers: Takers,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
) -> ErpReport:
    """Read the ERP `slug`. Its errors end up in the report; database errors are raised."""
    report = ErpReport(slug)
    with _alone(sessions, slug) as alone:
        if not alone:
            report.busy = True
            return report
        _Reading(sessions, erp, takers, report, now=now, sleep=sleep).run()
    return report


@contextmanager
def _alone(sessions: sessionmaker[Session], slug: str) -> Iterator[bool]:
    """Whether this is the only reading of the ERP. The lock lives on a connection of its own and dies with it."""
    with sessions() as session:
        connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        alone = bool(connection.scalar(_LOCK, {"slug": slug}))
        try:
            yield alone
        finally:
            if alone:
                connection.execute(_UNLOCK, {"slug": slug})


class _Reading:
    def __init__(
        self,
        sessions: sessionmaker[Session],
        erp: Erp,
        takers: Takers,
        report: ErpReport,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._sessions, self._erp, self._takers, self._report, self._now = sessions, erp, takers, report, now
        self._offset = 0.0
        self._patience = Patience(sleep, self._set_clock, erp.refresh_session)

    def run(self) -> None:
        if self._may_not_start():
            return
        try:
            self._read_orders()
            if self._takers.stock is not None:
                self._patience.call(partial(self._read_stock, self._takers.stock))
        except PlatformError as error:
            self._end_with(error)
        else:
            self._end_well()
        self._report.unreadable = self._erp.unreadable

    def _may_not_start(self) -> bool:
        first = insert(ErpRow).values(slug=self._report.slug, read_at=self._now()).on_conflict_do_nothing()
        with self._sessions() as session:
            session.execute(first)
            row = session.get_one(ErpRow, self._report.slug)
            session.commit()
            if row.state == "stopped":
                self._report.skipped = "stopped"
            elif row.wait_until and row.wait_until > self._now():
                self._report.skipped, self._report.wait_until = "waiting", row.wait_until
        return bool(self._report.skipped)

    def _set_clock(self) -> None:
        self._offset += self._erp.measure_clock()

    def _read_orders(self) -> None:
        windows = self._erp.windows
        mark = self._mark(ORDERS)
        synced_to = datetime.fromisoformat(mark) if mark else self._now() - windows.lag - FIRST
        until = self._now() + timedelta(seconds=self._offset) - windows.lag
        for _ in range(MOST_WINDOWS):
            window = next_window(synced_to, until, windows)
            if window is None:
                return
            self._patience.call(partial(self._read_window, window))
            self._move(ORDERS, window.end.isoformat())
            synced_to = window.end
        self._report.more = True

    def _read_window(self, window: Window) -> None:
        for page in self._erp.shipments(window.start, window.end):
            with self._sessions() as session:
                self._takers.orders(session, page)
                session.commit()
            self._report.orders += len(page)

    def _read_stock(self, take: Callable[[Session, Sequence[StockLevel]], None]) -> None:
        for page in self._erp.stock(self._mark(STOCK)):
            with self._sessions() as session:
                take(session, page.levels)
                self._keep(session, STOCK, page.mark)
                session.commit()
            self._report.levels += len(page.levels)

    def _mark(self, api: str) -> str:
        with self._sessions() as session:
            row = session.get(ErpCursor, (self._report.slug, api))
            return row.mark if row else ""

    def _move(self, api: str, mark: str) -> None:
        with self._sessions() as session:
            self._keep(session, api, mark)
            session.commit()

    def _keep(self, session: Session, api: str, mark: str) -> None:
        session.merge(ErpCursor(slug=self._report.slug, api=api, mark=mark, moved_at=self._now()))

    def _end_well(self) -> None:
        now = self._now()
        self._note(ErpRow.state == "working", problem="", wait_until=None, read_at=now)
        if self._takers.stock is not None:
            self._note(ErpRow.state == "working", stock_at=now)

    def _end_with(self, error: PlatformError) -> None:
        action, report = error.resolution.action, self._report
        report.problem = f"{error.resolution.text}（{error.code}）"
        log.warning("erp_ended", erp=report.slug, action=str(action), code=error.code, message=error.message)
        if action in _WAIT_SECONDS:
            told = error.wait_seconds or _WAIT_SECONDS[action]
            report.wait_until = self._now() + timedelta(seconds=told + random.uniform(0.1, 2.0))
            self._note(ErpRow.state == "working", wait_until=report.wait_until, problem=report.problem)
        elif action in (Action.RETRY, Action.PARK):
            self._note(ErpRow.problem != report.problem, problem=report.problem)
        elif self._note(ErpRow.state == "working", stop=True, state="stopped", problem=report.problem):
            report.stopped = report.problem

    def _note(self, condition: ColumnElement[bool], *, stop: bool = False, **values: object) -> bool:
        """Change the ERP's row where `condition` holds; whether it did. People hear of a stop in its transaction."""
        change = update(ErpRow).where(ErpRow.slug == self._report.slug, condition).values(**values)
        with self._sessions() as session:
            done = session.execute(change.returning(ErpRow.slug)).first() is not None
            if done and stop:
                self._takers.stopped(session, self._report.slug)
            session.commit()
        return done
