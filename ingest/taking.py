"""A batch of a shop's records: those that stand already are left, the others are read and stored in one transaction.

No record holds up another: one that cannot be read, or that the database does not take, is kept with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from ingest.canonical import canonical, read_json
from ingest.checks import AHEAD, LONGEST, checked
from ingest.kept import Kept, standing
from ingest.not_storable import NotStorable, objections
from ingest.report import PullReport
from ingest.snapshot import Unreadable
from ingest.source import MADE_UP, Action, Marketplace, PlatformError, Record
from ingest.storable import storable_text
from ingest.store import Batch, Item, Stored, store
from models import RawPayload, Shop
from models.vault import fingerprint

log = structlog.get_logger()

Sessions = sessionmaker[Session]
Watch = Callable[[Session, Sequence[int]], None]
"""(session, ids of orders that are new or really changed): runs in the transaction that stores them."""

PARSE_FAILURES: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


class Taking:
    """Takes the records of one shop; `report` counts what became of them."""

    def __init__(  # what it stands on, each by its name
        self,
        sessions: Sessions,
        shop: Shop,
        marketplace: Marketplace,
        report: PullReport,
        *,
        now: Callable[[], datetime],
        watch: Watch,
    ) -> None:
        self._sessions, self._shop, self._marketplace, self._report = sessions, shop, marketplace, report
        self._now, self._watch = now, watch
        self._latest = now()

    def take(self, records: Sequence[Record]) -> None:
        """Records as a list told them. Raises PlatformError of a detail call; what was read until then is stored."""
        last = {record.external_id: record for record in records}  # of a repeated one what was read last
        if not last:
            return
        raws = {number: canonical(record.body) for number, record in last.items()}
        marks = {number: fingerprint(raw) for number, raw in raws.items()}
        with self._sessions() as session:
            stands = standing(session, self._shop.id, marks)
        self._report.unchanged += len(stands.unchanged - stands.unread.keys())
        self._store(self._readable_now(list(stands.unread.values())))
        known = stands.unchanged | stands.unread.keys()
        self._take_fresh([(last[number], raw, marks[number]) for number, raw in raws.items() if number not in known])

    def take_again(self, kept: Sequence[Kept]) -> None:
        """Kept records by the parser of today; where it cannot read one either, its reason is kept instead."""
        items = self._read_kept(kept)
        self._store([item for item in items if item.snapshot is not None])
        self._report.unreadable += sum(item.snapshot is None for item in items)
        with self._sessions() as session:
            for before, item in zip(kept, items, strict=True):
                if item.snapshot is None and item.problem != before.problem:
                    session.execute(update(RawPayload).where(RawPayload.id == before.id).values(problem=item.problem))
            session.commit()

    def _readable_now(self, kept: Sequence[Kept]) -> list[Item]:
        """Of records that were kept in this version those that can be read by now; the others stand as they are."""
        items = self._read_kept(kept)
        readable = [item for item in items if item.snapshot is not None]
        self._report.unchanged += len(items) - len(readable)
        return readable

    def _read_kept(self, kept: Sequence[Kept]) -> list[Item]:
        self._look_at_the_clock()
        return [
            replace(self._read(Record(one.external_id, read_json(one.raw)), one.raw, one.mark), kept=one.id)
            for one in kept
        ]

    def _take_fresh(self, fresh: Sequence[tuple[Record, bytes, bytes]]) -> None:
        self._look_at_the_clock()
        items: list[Item] = []
        try:
            for record, raw, mark in fresh:
                items.append(self._item(record, raw, mark))
        except PlatformError:
            self._store(items)  # a repeat then finds these unchanged and goes on where this one was cut short
            raise
        self._store(items)

    def _look_at_the_clock(self) -> None:
        self._latest = self._now() + timedelta(seconds=self._report.clock_offset_seconds) + AHEAD

    def _item(self, listed: Record, raw: bytes, mark: bytes) -> Item:
        """What was received is kept whole; recognised it is by what the list told, for that is what comes again."""
        record = self._detailed(listed)
        item = self._read(record, raw if record is listed else canonical(record.body), mark)
        if item.snapshot is None:
            log.warning("record_unreadable", shop=self._shop.slug, number=item.external_id, problem=item.problem)
        return item

    def _read(self, record: Record, raw: bytes, mark: bytes) -> Item:
        try:
            return Item(record.external_id, raw, checked(self._marketplace.parse(record), self._latest), mark=mark)
        except Unreadable as error:
            problem = storable_text(str(error))  # it quotes what was sent
        except PARSE_FAILURES as error:
            problem = f"记录的结构看不懂（{type(error).__name__}）"
        number = record.external_id if len(record.external_id) <= LONGEST else _made_up(mark)
        return Item(number, raw, None, problem, mark=mark)

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
        try:
            self._store_together(items)
        except NotStorable:
            for item in items:
                self._store_alone(item)

    def _store_alone(self, item: Item) -> None:
        try:
            self._store_together([item])
        except NotStorable as error:
            problem = f"存不进数据库（{error}）"
            log.warning("record_not_storable", shop=self._shop.slug, problem=problem)
            number = item.external_id if item.snapshot else _made_up(item.mark)  # kept under its own it did not fit
            self._store_together([Item(number, item.raw, None, problem, mark=item.mark)])

    def _store_together(self, items: Sequence[Item]) -> None:
        shop = self._shop
        batch = Batch(shop.id, shop.platform, shop.prefix, items, ship_hours=shop.ship_hours)
        with self._sessions() as session:
            with objections():
                stored = store(session, batch, self._now())
            if touched := stored.new + stored.changed:
                self._watch(session, touched)
            session.commit()
        self._count(stored)

    def _count(self, stored: Stored) -> None:
        self._report.new += len(stored.new)
        self._report.changed += len(stored.changed)
        self._report.unchanged += stored.unchanged
        self._report.unreadable += stored.unreadable


def _made_up(mark: bytes) -> str:
    """A number for a record whose own cannot be one."""
    return f"{MADE_UP}{mark.hex()}"
