"""Reads again what was created in a period, whatever the pull has read; a killed worker's work is taken up where it
was. The pull's cursor stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import update

from ingest.reading import Reading, Told, alone, said
from ingest.source import Action, PlatformError
from models import Backfill

log = structlog.get_logger()
_LOCK: Final = 4_070_005  # class of the advisory locks "somebody does back-fill N"
_PASSING: Final = (Action.RETRY, Action.WAIT, Action.PAUSE)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a back-fill is. Counts are records of windows that were read whole; `problem` is why it stands still, ""
    when it does not. `busy`: somebody else does it at the moment. `passing`: the problem goes by itself."""

    done: int
    windows: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unreadable: int = 0
    problem: str = ""
    busy: bool = False
    passing: bool = False

    @property
    def finished(self) -> bool:
        return self.done >= self.windows and not self.problem and not self.busy


def nobody(_progress: Progress) -> None:
    """Nobody watches."""


def backfill(
    reading: Reading,
    backfill_id: int,
    *,
    ended: Told,
    progress: Callable[[Progress], None] = nobody,
    most_windows: int | None = None,
) -> Progress:
    """Read on, at most `most_windows`; `ended` runs in the transaction that ends the back-fill. Platform errors end up
    in the progress; database errors are raised."""
    with alone(reading.sessions, _LOCK, backfill_id) as mine:
        if not mine:
            return Progress(0, 0, busy=True)
        work = _Work(reading, backfill_id)
        try:
            return work.run(ended, progress, most_windows)
        except PlatformError as error:
            log.warning("backfill_stands", shop=reading.shop.slug, id=backfill_id, code=error.code)
            return work.stand(error)


class _Work:
    def __init__(self, reading: Reading, backfill_id: int) -> None:
        self._reading = reading
        with reading.sessions() as session:
            self._row = session.get_one(Backfill, backfill_id)
        self._span = reading.marketplace.windows.span

    def run(self, ended: Told, progress: Callable[[Progress], None], most_windows: int | None) -> Progress:
        left = self._left() if most_windows is None else most_windows
        while self._row.state == "running" and left > 0:
            self._next_window(ended)
            progress(self._progress())
            left -= 1
        return self._progress()

    def stand(self, error: PlatformError) -> Progress:
        self._write(problem=said(error))
        return self._progress(passing=error.resolution.action in _PASSING)

    def _next_window(self, ended: Told) -> None:
        """Read one; its counts and how far we are, and at the end the end itself, are one transaction."""
        start, last = self._row.done_to, min(self._row.end_at, self._reading.closed())
        end = min(start + self._span, last)
        before = _counts(self._reading)
        if end > start:
            self._reading.take_created(start, end)
        more = {name: count - before[name] for name, count in _counts(self._reading).items()}
        self._move(max(end, start), more, ended if end >= last else None)

    def _move(self, done_to: datetime, more: dict[str, int], ended: Told | None) -> None:
        counts = {name: getattr(Backfill, name) + count for name, count in more.items()}
        state = {"state": "done", "ended_at": self._reading.now()} if ended else {}
        self._write(ended, done_to=done_to, windows=Backfill.windows + 1, problem="", **counts, **state)

    def _write(self, then: Told | None = None, **values: object) -> None:
        mine = (Backfill.id == self._row.id, Backfill.done_to == self._row.done_to)  # a lost connection loses the lock
        change = update(Backfill).where(*mine).values(**values).returning(Backfill.id)
        with self._reading.sessions() as session:
            written = session.execute(change).first() is not None
            if written and then is not None:
                then(session, self._row.id)
            session.commit()
            self._row = session.get_one(Backfill, self._row.id, populate_existing=True)

    def _progress(self, *, passing: bool = False) -> Progress:
        row = self._row
        return Progress(
            row.windows, row.windows + self._left(), row.new, row.changed, row.unchanged, row.unreadable,
            row.problem, passing=passing,
        )  # fmt: skip

    def _left(self) -> int:
        """Windows that are still to read, at least one while it runs."""
        if self._row.state != "running":
            return 0
        return max(1, -(-(self._row.end_at - self._row.done_to) // self._span))


def _counts(reading: Reading) -> dict[str, int]:
    report = reading.report
    return {name: getattr(report, name) for name in ("new", "changed", "unchanged", "unreadable")}
