"""Reads one shop up to now, window by window, oldest first; a crash anywhere repeats a window and loses nothing.

Orders, cases and owed messages of a batch are committed in one transaction; the cursor moves in its own, after all
batches of its window. Where the platform cuts a window short, what was read is stored and the next try goes on there.
What a platform's error asks for is done here; what people must hear is in the report.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import ColumnElement, or_, text, true, update
from sqlalchemy.orm import Session

from config import Pull
from ingest.cut import Cut
from ingest.gate import WAITS
from ingest.paging import Progress, noting
from ingest.patience import Patience
from ingest.report import PullReport
from ingest.source import Action, Marketplace, PlatformError, Record
from ingest.taking import Sessions, Taking, Watch
from ingest.window import Window, next_window
from models import Cursor, Shop
from models.shop import GOES_ON

log = structlog.get_logger()

Stopped = Callable[[Session, int], None]
"""(session, shop's row id): runs in the transaction that stops the shop, so that no shop stops unheard."""

BATCH: Final = 500
MOST_WINDOWS: Final = 200
_PULL_LOCK: Final = 4_070_002  # class of the advisory locks "somebody pulls shop N"
_CLOCK_DUE: Final = timedelta(hours=1)  # or when the platform refuses our time
_CLOCK_OFF_SECONDS: Final = 60.0  # reference sheet 10.9; platforms refuse us from 6 minutes on


def pull(  # noqa: PLR0913  # what a pull stands on, each by its name
    sessions: Sessions,
    shop_id: int,
    marketplace: Marketplace,
    settings: Pull,
    *,
    now: Callable[[], datetime],
    watch: Watch,
    stopped: Stopped,
    sleep: Callable[[float], None] = time.sleep,
    most_windows: int = MOST_WINDOWS,
) -> PullReport:
    """Pull the shop with row id `shop_id`. Platform errors end up in the report; database errors are raised."""
    report = PullReport(shop_id)
    with _alone(sessions, shop_id) as alone:
        if not alone:
            report.busy = True
            return report
        _Pull(sessions, marketplace, report, now=now, watch=watch, stopped=stopped, sleep=sleep).run(
            settings, most_windows
        )
    return report


@contextmanager
def _alone(sessions: Sessions, shop_id: int) -> Iterator[bool]:
    """Whether this is the only pull of the shop. The lock lives on a connection of its own and dies with it."""
    key = {"class": _PULL_LOCK, "shop": shop_id}
    with sessions() as session:
        # Autocommit: the connection stays open for the whole pull, a transaction must not.
        connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        alone = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:class, :shop)"), key))
        try:
            yield alone
        finally:
            if alone:
                connection.execute(text("SELECT pg_advisory_unlock(:class, :shop)"), key)


class _Pull:
    """One pull of one shop."""

    def __init__(
        self,
        sessions: Sessions,
        marketplace: Marketplace,
        report: PullReport,
        *,
        now: Callable[[], datetime],
        watch: Watch,
        stopped: Stopped,
        sleep: Callable[[float], None],
    ) -> None:
        self._sessions, self._marketplace, self._report = sessions, marketplace, report
        self._now, self._stopped = now, stopped
        self._patience = Patience(sleep, self._measure_clock, marketplace.refresh_session)
        with sessions() as session:
            self._shop = session.get_one(Shop, report.shop_id)
        self._taking = Taking(sessions, self._shop, marketplace, report, now=now, watch=watch)
        self._offset = self._shop.clock_offset_seconds
        self._first: dict[str, datetime] = {}  # what the cursor keeps of the shop's first pull
        self._kept: Cut | None = None  # what an earlier pull left
        self._cut: Cut | None = None  # the window at hand, as far as it is stored

    def run(self, settings: Pull, most_windows: int) -> None:
        if self._may_not_start():
            return
        synced_to = self._begin(settings)
        try:
            if self._clock_is_due():
                self._patience.call(self._measure_clock)
            self._walk(synced_to, most_windows)
        except PlatformError as error:
            self._end_with(error)
        else:
            self._end_well()

    def _may_not_start(self) -> bool:
        shop, report = self._shop, self._report
        if shop.state == "stopped":
            report.skipped = "stopped"
        elif shop.wait_until and shop.wait_until > self._now():
            report.skipped, report.wait_until = "waiting", shop.wait_until
        return bool(report.skipped)

    def _clock_is_due(self) -> bool:
        measured_at, now = self._shop.clock_measured_at, self._now()
        return measured_at is None or not now - _CLOCK_DUE < measured_at <= now

    def _measure_clock(self) -> None:
        """The marketplace corrects its own clock; here the same correction is kept for windows and later clients."""
        self._offset += self._marketplace.measure_clock()
        self._report.clock_offset_seconds = self._offset
        self._note(true(), clock_offset_seconds=self._offset, clock_measured_at=self._now())

    def _begin(self, settings: Pull) -> datetime:
        """The cursor. The first pull sets it before anything can fail: a shop that is authorised days later must not
        begin days later."""
        with self._sessions() as session:
            cursor = session.get(Cursor, (self._shop.id, self._marketplace.api))
        if cursor is not None:
            self._kept = Cut.load(cursor.page_mark, self._now())
            return cursor.synced_to
        first = self._now() - self._marketplace.windows.lag - timedelta(hours=settings.first_hours)
        self._first = {"began_at": first}
        self._move_cursor(first)
        return first

    def _walk(self, synced_to: datetime, most_windows: int) -> None:
        windows = self._marketplace.windows
        until = self._now() + timedelta(seconds=self._offset) - windows.lag
        while window := next_window(synced_to, until, windows):
            if self._report.windows == most_windows:
                self._report.more = True
                return
            self._cut = self._begin_window(window, until)
            self._patience.call(partial(self._read, self._cut))
            synced_to = self._cut.window.end
            self._move_cursor(synced_to)
            self._report.windows += 1

    def _begin_window(self, window: Window, until: datetime) -> Cut:
        """The very window that was cut short, where it is the next one: of another one the marks would mean nothing."""
        kept, self._kept = self._kept, None
        if kept is None or kept.window.start != window.start or kept.window.end > until:
            return Cut(window, self._now())
        return kept

    def _read(self, cut: Cut) -> None:
        """Raises PlatformError; what was told until then is stored, and noted as read."""
        progress, batch = cut.progress.copy(), list[Record]()
        with noting(progress):
            pages = self._marketplace.records(cut.window.start, cut.window.end)
            while (page := self._next(pages, partial(self._take, cut, batch, progress))) is not None:
                batch.extend(page)
                if len(batch) >= BATCH:
                    self._take(cut, batch, progress)
        self._take(cut, batch, progress)

    def _next(self, pages: Iterator[list[Record]], take: Callable[[], None]) -> list[Record] | None:
        """The next page, None after the last. What was told before an error is taken before that is raised."""
        try:
            return next(pages, None)
        except PlatformError:
            take()
            raise

    def _take(self, cut: Cut, batch: list[Record], progress: Progress) -> None:
        self._taking.take(batch)
        batch.clear()
        cut.progress = progress.copy()

    def _move_cursor(self, synced_to: datetime) -> None:
        with self._sessions() as session:
            session.merge(Cursor(
                shop_id=self._shop.id, api=self._marketplace.api, synced_to=synced_to, moved_at=self._now(),
                page_mark=None, **self._first,
            ))  # fmt: skip
            session.commit()
        self._report.synced_to = synced_to

    def _end_with(self, error: PlatformError) -> None:
        action, report = error.resolution.action, self._report
        report.problem = f"{error.resolution.text}（{error.code}）"
        log.warning("pull_ended", shop=self._shop.slug, action=str(action), code=error.code, message=error.message)
        self._keep_the_cut()
        if action in WAITS:
            report.wait_until = self._now() + timedelta(seconds=_seconds(error))
            self._note(Shop.state == "working", wait_until=report.wait_until, problem=report.problem)
        elif action in (Action.RETRY, Action.PARK):
            self._note(Shop.problem != report.problem, problem=report.problem)
        elif self._note(Shop.state == "working", then=self._stopped, state="stopped", problem=report.problem):
            report.stopped = report.problem

    def _keep_the_cut(self) -> None:
        """So that the next pull goes on there. One that had read nothing leaves what was kept before."""
        if self._cut is None or not self._cut.progress.marks:
            return
        mine = (Cursor.shop_id == self._shop.id) & (Cursor.api == self._marketplace.api)
        with self._sessions() as session:
            session.execute(update(Cursor).where(mine).values(page_mark=self._cut.dump()))
            session.commit()

    def _end_well(self) -> None:
        problem = self._clock_problem()
        stale = or_(Shop.problem != problem, Shop.wait_until.is_not(None))
        if self._note(stale & (Shop.state == "working"), problem=problem, wait_until=None) and problem:
            log.warning("clock_off", shop=self._shop.slug, seconds=round(self._offset, 1))

    def _clock_problem(self) -> str:
        """Signing with the platform's time keeps the shop working, but a clock so wrong is a matter for people."""
        if abs(self._offset) <= _CLOCK_OFF_SECONDS:
            return ""
        way = "慢" if self._offset > 0 else "快"
        return f"本机时间比平台{way}约 {abs(self._offset) / 60:.0f} 分钟，请校准服务器时间{GOES_ON}"

    def _note(self, condition: ColumnElement[bool], then: Stopped | None = None, **values: object) -> bool:
        """Change the shop's row where `condition` holds, and do `then` with it; whether it did."""
        change = update(Shop).where(Shop.id == self._shop.id, condition).values(**values).returning(Shop.id)
        with self._sessions() as session:
            done = session.execute(change).first() is not None
            if done and then is not None:
                then(session, self._shop.id)
            session.commit()
        return done


def _seconds(error: PlatformError) -> float:
    """The told time and a little more, so that not everybody comes back in the same second."""
    told = error.wait_seconds or WAITS[error.resolution.action]
    return told + random.uniform(0.1, min(5.0, 1 + told / 10))
