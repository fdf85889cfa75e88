"""Reads a closed window page by page so that rows which change meanwhile are not lost (reference sheet 3.3).

In a window whose end lies in the past a changed row leaves, and the rows behind it move up: read first to last, one of
them slips onto a page already read; read last to first, rows only repeat. The row that left is in the next window.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Protocol

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


def read_window(pages: Pages, start: datetime, end: datetime) -> Iterator[list[Record]]:
    """Every record of the closed window, last page first. Raises PlatformError, also when the numbers never agree."""
    total, first = pages.count(start, end)
    if total > pages.most_rows and end - start > _SECOND:
        middle = start + ((end - start) / 2) // _SECOND * _SECOND
        yield from read_window(pages, start, middle)
        yield from read_window(pages, middle, end)
        return
    if len(first) >= total:  # one reply told everything: nothing could move
        yield first
        return
    yield from _read_pages(pages, start, end, total)


def _read_pages(pages: Pages, start: datetime, end: datetime, total: int) -> Iterator[list[Record]]:
    for left in range(_READS - 1, -1, -1):
        last = -(-total // pages.page_size)
        seen: set[str] = set()
        for number in range(last, 0, -1):
            found = pages.page(start, end, number)
            seen.update(record.external_id for record in found)
            yield found
        if len(seen) >= total and not pages.page(start, end, last + 1):
            return
        before, (total, _) = total, pages.count(start, end)
        # On a busy day rows leave at every reading. What has not left was read: only rows that came are a reason.
        if left == 0 and len(seen) >= total and total <= before:
            return
    raise transient("rows-missing", f"{len(seen)} of {total} rows seen")
