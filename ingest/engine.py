"""Reads one shop up to now, window by window, oldest first; a crash anywhere repeats a window and loses nothing.

Orders, cases and owed messages of a batch are committed in one transaction; the cursor moves in its own, after all
batches of its window. What a platform's error asks for is done here; what people must hear is in the report.
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
from sqlalchemy import ColumnElement, or_, text, update
from sqlalchemy.orm import Session, sessionmaker

from config import Pull
from ingest.canonical import canonical
from ingest.patience import Patience
from ingest.snapshot import Unreadable
from ingest.source import Action, Marketplace, PlatformError, Record
from ingest.store import Batch, Item, store, unchanged
from ingest.window import Window, next_window
from models import Cursor, Shop
from models.vault import fingerprint

log = structlog.get_logger()

Sessions = sessionmaker[Session]
Watch = Callable[[Session, Sequence[int]], None]
"""(session, ids of orders that are new or really changed): runs in the transaction that stores them."""
Stopped = Callable[[Session, int], None]
"""(session, shop's row id): runs in the transaction that stops the shop, so that no shop stops unheard."""

BATCH: Final = 500
MOST_WINDOWS: Final = 200
_PULL_LOCK: Final = 4_070_002  # class of the advisory locks "somebody pulls shop N"
_WAIT_SECONDS: Final = {Action.WAIT: 60.0, Action.PAUSE: 600.0}  # where the platform names no time
PARSE_FAILURES: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


@dataclass(slots=True)
class PullReport:
    """What one pull did. Counts are records; `problem` is Chinese and "" when all went well."""

    shop_id: int
    busy: bool = False  # somebody else pulls this shop at the moment
    skipped: str = ""  # "stopped" or "waiting": nothing was asked of the platform
    windows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unreadable: int = 0
    synced_to: datetime | None = None  # platform time
    more: bool = False  # windows are left: pull again at once
    stopped: str = ""  # this pull stopped the shop, and why: people must be told
    wait_until: datetime | None = None
    problem: str = ""
    clock_offset_seconds: float = 0.0  # platform minus ours

    @property
    def finished(self) -> bool:
        """Whether the platform answered everything that was asked."""
        return not (self.busy or self.skipped or self.problem)


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
        self._now, self._watch, self._stopped = now, watch, stopped
        self._patience = Patience(sleep, self._measure_clock, marketplace.refresh_session)
        with sessions() as session:
            self._shop = session.get_one(Shop, report.shop_id)
        self._offset = self._shop.clock_offset_seconds

    def run(self, settings: Pull, most_windows: int) -> None:
        if self._may_not_start():
            return
        synced_to = self._begin(settings)
        try:
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

    def _measure_clock(self) -> None:
        """The marketplace corrects its own clock; here the same correction is kept for windows and later clients."""
        self._offset += self._marketplace.measure_clock()
        self._report.clock_offset_seconds = self._offset
        self._note(Shop.clock_offset_seconds != self._offset, clock_offset_seconds=self._offset)

    def _begin(self, settings: Pull) -> datetime:
        """The cursor. The first pull sets it before anything can fail: a shop that is authorised days later must not
        begin days later."""
        with self._sessions() as session:
            cursor = session.get(Cursor, (self._shop.id, self._marketplace.api))
        if cursor is not None:
            return cursor.synced_to
        first = self._now() - self._marketplace.windows.lag - timedelta(hours=settings.first_hours)
        self._move_cursor(first)
        return first

    def _walk(self, synced_to: datetime, most_windows: int) -> None:
        windows = self._marketplace.windows
        until = self._now() + timedelta(seconds=self._offset) - windows.lag
        while window := next_window(synced_to, until, windows):
            if self._report.windows == most_windows:
                self._report.more = True
                return
            self._patience.call(partial(self._read, window))
            self._move_cursor(window.end)
            self._report.windows += 1
            synced_to = window.end

    def _read(self, window: Window) -> None:
        batch: list[Record] = []
        for page in self._marketplace.records(window.start, window.end):
            batch.extend(page)
            while len(batch) >= BATCH:
                self._take(batch[:BATCH])
                del batch[:BATCH]
        self._take(batch)

    def _take(self, records: Sequence[Record]) -> None:
        items: list[Item] = []
        try:
            for record, raw in self._fresh(records):
                items.append(self._item(record, raw))
        except PlatformError:
            self._store(items)  # a repeat then finds these unchanged and goes on where this one was cut short
            raise
        self._store(items)

    def _fresh(self, records: Sequence[Record]) -> list[tuple[Record, bytes]]:
        """The records that do not stand exactly so already; of a repeated one the last, which was read last."""
        last = {record.external_id: record for record in records}
        raws = {number: canonical(record.body) for number, record in last.items()}
        if not raws:
            return []
        with self._sessions() as session:
            known = unchanged(session, self._shop.id, {number: fingerprint(raw) for number, raw in raws.items()})
        self._report.unchanged += len(known)
        return [(record, raws[number]) for number, record in last.items() if number not in known]

    def _item(self, record: Record, raw: bytes) -> Item:
        try:
            return Item(record.external_id, raw, self._marketplace.parse(self._detailed(record)))
        except Unreadable as error:
            problem = str(error)
        except PARSE_FAILURES as error:
            problem = f"记录的结构看不懂（{type(error).__name__}）"
        log.warning("record_unreadable", shop=self._shop.slug, number=record.external_id, problem=problem)
        return Item(record.external_id, raw, None, problem)

    def _detailed(self, record: Record) -> Record:
        """With what a detail call tells; without it where the platform refuses just this one."""
        try:
            return self._marketplace.detail(record)
        except PlatformError as error:
            if error.resolution.action is not Action.PARK:
                raise
            log.warning("detail_refused", shop=self._shop.slug, number=record.external_id, code=error.code)
            return record

    def _store(self, items: Sequence[Item]) -> None:
        if not items:
            return
        batch = Batch(self._shop.id, self._shop.platform, self._shop.prefix, items)
        with self._sessions() as session:
            stored = store(session, batch, self._now())
            if touched := stored.new + stored.changed:
                self._watch(session, touched)
            session.commit()
        self._report.new += len(stored.new)
        self._report.changed += len(stored.changed)
        self._report.unchanged += stored.unchanged
        self._report.unreadable += stored.unreadable

    def _move_cursor(self, synced_to: datetime) -> None:
        with self._sessions() as session:
            session.merge(Cursor(
                shop_id=self._shop.id, api=self._marketplace.api, synced_to=synced_to, moved_at=self._now()
            ))  # fmt: skip
            session.commit()
        self._report.synced_to = synced_to

    def _end_with(self, error: PlatformError) -> None:
        action, report = error.resolution.action, self._report
        report.problem = f"{error.resolution.text}（{error.code}）"
        log.warning("pull_ended", shop=self._shop.slug, action=str(action), code=error.code, message=error.message)
        if action in _WAIT_SECONDS:
            report.wait_until = self._now() + timedelta(seconds=_seconds(error))
            self._note(Shop.state == "working", wait_until=report.wait_until, problem=report.problem)
        elif action in (Action.RETRY, Action.PARK):
            self._note(Shop.problem != report.problem, problem=report.problem)
        elif self._note(Shop.state == "working", then=self._stopped, state="stopped", problem=report.problem):
            report.stopped = report.problem

    def _end_well(self) -> None:
        worried = or_(Shop.problem != "", Shop.wait_until.is_not(None))
        self._note(worried & (Shop.state == "working"), problem="", wait_until=None)

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
    told = error.wait_seconds or _WAIT_SECONDS[error.resolution.action]
    return told + random.uniform(0.1, min(5.0, 1 + told / 10))
