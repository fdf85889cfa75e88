"""Reads a closed window page by page so that rows which change meanwhile are not lost (reference sheet 3.3), and goes
on where a cut left it (docs/decisions/0012).

In a window whose end lies in the past a changed row leaves, and the rows behind it move up: read first to last, one of
them slips onto a page already read; read last to first, rows only repeat. The row that left is in the next window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from ingest.http import transient
from ingest.source import Record

_READS: Final = 3  # of one window, before the platform's numbers are taken for wrong
_SECOND: Final = timedelta(seconds=1)


class Pages(Protocol):
    """A list that can be asked for by window and page number, the first page being 1."""

    page_size: int
    most_rows: int  # a window that holds more is halved

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        """The stated total, and the first page as it stood at that moment. Raises PlatformError."""
        ...

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        """Raises PlatformError."""
        ...


@dataclass(slots=True)
class PageMark:
    """How far one list of one window was read: from the last page down to `page`, 0 when to the end; whose records
    these were. Holds only as long as the list states the same total."""

    total: int
    page: int
    seen: set[str] = field(default_factory=set)

    def note(self, page: int, found: list[Record]) -> None:
        self.page = page
        self.seen.update(record.external_id for record in found)

    def finish(self) -> None:
        self.page = 0
        self.seen.clear()


@dataclass(slots=True)
class Progress:
    """The marks of all lists of one window. A page is noted before it is handed out: whoever stores what is handed out
    keeps a `copy` after it was stored, and goes on from that."""

    marks: dict[str, PageMark] = field(default_factory=dict)

    def copy(self) -> Progress:
        return Progress({key: PageMark(mark.total, mark.page, set(mark.seen)) for key, mark in self.marks.items()})

    def dump(self) -> dict[str, Any]:
        """As JSON has it."""
        return {key: [mark.total, mark.page, sorted(mark.seen)] for key, mark in self.marks.items()}

    @staticmethod
    def load(dumped: Mapping[str, Any]) -> Progress:
        return Progress({key: PageMark(total, page, set(seen)) for key, (total, page, seen) in dumped.items()})


_PROGRESS: Final[ContextVar[Progress | None]] = ContextVar("progress", default=None)
# Sources read several lists, some of them windows that they make up; none needs to know who keeps how far it came.


@contextmanager
def noting(progress: Progress) -> Iterator[None]:
    """Within the block windows are read from where `progress` says, and it is kept up to date."""
    before = _PROGRESS.set(progress)
    try:
        yield
    finally:
        _PROGRESS.reset(before)


def read_window(pages: Pages, start: datetime, end: datetime) -> Iterator[list[Record]]:
    """Every record of the closed window, last page first. Raises PlatformError, also when the numbers never agree."""
    total, first = pages.count(start, end)
    if total > pages.most_rows and end - start > _SECOND:
        middle = start + ((end - start) / 2) // _SECOND * _SECOND
        yield from read_window(pages, start, middle)
        yield from read_window(pages, middle, end)
        return
    if len(first) < total:
        yield from _read_pages(pages, start, end, total)
        return
    yield first
    # One reply told everything, so nothing could move; but a total that a page outdoes is wrong, and a full page may
    # have hidden what did not fit.
    if len(first) > total or len(first) >= pages.page_size:
        yield from _read_on(pages, start, end, 2)


def _read_on(pages: Pages, start: datetime, end: datetime, number: int) -> Iterator[list[Record]]:
    """From page `number` to the first that is empty, whatever total is stated, and back again: rows may have moved up
    meanwhile. A list that shows the same page for every number has ended."""
    last, before = number, set[str]()
    while (found := pages.page(start, end, last)) and (these := {record.external_id for record in found}) != before:
        yield found
        last, before = last + 1, these
    for again in range(last - 2, number - 2, -1) if last > number else ():
        yield pages.page(start, end, again)


def _read_pages(pages: Pages, start: datetime, end: datetime, total: int) -> Iterator[list[Record]]:
    mark = _mark_of(pages, start, end, total)
    for left in range(_READS - 1, -1, -1) if mark.page else ():
        for number in range(mark.page - 1, 0, -1):
            found = pages.page(start, end, number)
            mark.note(number, found)
            yield found
        if len(mark.seen) >= total and not pages.page(start, end, _last(pages, total) + 1):
            break
        before, (total, _) = total, pages.count(start, end)
        # On a busy day rows leave at every reading. What has not left was read: only rows that came are a reason.
        if left == 0 and len(mark.seen) >= total and total <= before:
            yield from _read_on(pages, start, end, _last(pages, total) + 1)  # or the total is wrong
            break
        if left == 0:
            raise transient("rows-missing", f"{len(mark.seen)} of {total} rows seen")
        mark.total, mark.page, mark.seen = total, _last(pages, total) + 1, set()
    mark.finish()


def _last(pages: Pages, total: int) -> int:
    return -(-total // pages.page_size)


def _mark_of(pages: Pages, start: datetime, end: datetime, total: int) -> PageMark:
    """The mark that stands, where the list still states its total; rows that left or came moved the others."""
    progress = _PROGRESS.get()
    fresh = PageMark(total, _last(pages, total) + 1)
    if progress is None:
        return fresh
    key = f"{type(pages).__name__} {start.isoformat()} {end.isoformat()}"
    stands = progress.marks.get(key)
    if stands is None or stands.total != total:
        progress.marks[key] = stands = fresh
    return stands
