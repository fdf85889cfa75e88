"""Windows that a platform cuts short: nothing is lost, and what was read is not read again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ingest.paging import Progress, noting, read_window
from ingest.patience import TRIES
from ingest.report import PullReport
from ingest.source import Action, PlatformError, Record
from models import Cursor, Order
from tests.ingest.fakes import FakeMarketplace, failure
from tests.ingest.one_shop import Bench

PAGES = 9
SIZE = 10
WHOLE = 1 + PAGES + 1  # count, pages, the page behind the last


class Paged(FakeMarketplace):
    """The rows by pages, newest first. Every call is counted; those with a number in `lost` get no answer."""

    most_rows = 1000

    def __init__(self) -> None:
        super().__init__()
        self.page_size = SIZE
        self.calls: list[int] = []  # page numbers, 0 for the count
        self.answered = 0
        self.lost: range = range(0)

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return read_window(self, start, end)

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        self._ask(0)
        inside = self._inside(start, end)
        return len(inside), inside[:SIZE]

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        self._ask(number)
        return self._inside(start, end)[(number - 1) * SIZE : number * SIZE]

    def detail(self, record: Record) -> Record:
        self.plan("detail")
        return record

    def _ask(self, number: int) -> None:
        self.calls.append(number)
        if len(self.calls) - 1 in self.lost:
            raise failure(Action.RETRY)
        self.answered += 1

    def _inside(self, start: datetime, end: datetime) -> list[Record]:
        rows = [row for row in self.rows if start <= datetime.fromisoformat(row["modified"]) <= end]
        return [Record(row["id"], row) for row in sorted(rows, key=lambda row: (row["modified"], row["id"]))[::-1]]


class Shop:
    def __init__(self, bench: Bench) -> None:
        self.bench, self.platform = bench, Paged()
        bench.marketplace = self.platform
        self._pull_until(bench.ago(31))
        self.platform.calls.clear()
        self.platform.answered = 0
        for number in range(PAGES * SIZE):
            self.platform.add(number, bench.ago(10) + timedelta(seconds=number))

    def _pull_until(self, synced_to: datetime) -> None:
        """An empty history, so that all rows lie in one window."""
        with self.bench.sessions() as session:
            session.merge(Cursor(shop_id=1, api=self.platform.api, synced_to=synced_to, moved_at=self.bench.now))
            session.commit()

    def pull(self) -> PullReport:
        return self.bench.pull(most_windows=1)

    def leave(self, number: int) -> None:
        """An order is changed again: it leaves the window at hand."""
        self.platform.rows[number]["modified"] = self.bench.now.isoformat()

    def stored(self) -> set[str]:
        with self.bench.sessions() as session:
            return set(session.scalars(select(Order.external_id)))

    def page_mark(self) -> object:
        with self.bench.sessions() as session:
            return session.scalars(select(Cursor.page_mark)).one()


@pytest.fixture
def shop(sessions: sessionmaker[Session], now: datetime) -> Shop:
    return Shop(Bench(sessions, now))


def everything(shop: Shop) -> set[str]:
    return {row["id"] for row in shop.platform.rows}


def test_an_uncut_window_is_read_with_as_many_calls_as_before_and_leaves_no_mark(shop: Shop) -> None:
    assert shop.pull().finished
    assert shop.platform.calls == [0, *range(PAGES, 0, -1), PAGES + 1]
    assert shop.page_mark() is None


@pytest.mark.parametrize("at", range(WHOLE))
def test_a_cut_at_any_call_loses_nothing_and_costs_one_call_more(shop: Shop, at: int) -> None:
    shop.platform.lost = range(at, at + 10_000)
    assert not shop.pull().finished
    assert len(shop.stored()) == SIZE * max(0, min(at - 1, PAGES)), "what was told is there"

    shop.platform.lost = range(0)
    shop.bench.now += timedelta(minutes=9)
    report = shop.pull()

    assert report.finished
    assert shop.stored() == everything(shop)
    assert report.new == PAGES * SIZE - SIZE * max(0, min(at - 1, PAGES))
    assert shop.platform.answered <= WHOLE + 1
    assert shop.page_mark() is None


@pytest.mark.parametrize("at", range(1, WHOLE))
def test_a_passing_cut_goes_on_there_within_the_same_pull(shop: Shop, at: int) -> None:
    shop.platform.lost = range(at, at + 1)
    assert shop.pull().finished
    assert shop.stored() == everything(shop)
    assert shop.platform.answered <= WHOLE + 1


@pytest.mark.parametrize("at", range(2, WHOLE))
@pytest.mark.parametrize("number", [0, 44, 89])
def test_when_rows_left_meanwhile_the_window_is_read_anew(shop: Shop, at: int, number: int) -> None:
    shop.platform.lost = range(at, at + TRIES)
    assert not shop.pull().finished
    shop.leave(number)
    shop.bench.now += timedelta(minutes=9)
    while (report := shop.pull()).windows:
        assert report.finished
    assert shop.stored() == everything(shop)
    with shop.bench.sessions() as session:
        modified = session.scalars(select(Order.modified_at).where(Order.external_id == str(number))).one()
    assert modified == datetime.fromisoformat(shop.platform.rows[number]["modified"])


def test_rows_that_leave_after_the_window_was_gone_on_with_are_in_the_next(shop: Shop) -> None:
    shop.platform.lost = range(4, 4 + TRIES)
    assert not shop.pull().finished
    shop.bench.now += timedelta(minutes=9)
    before, page = len(shop.platform.calls), shop.platform.page

    def page_and_leave(start: datetime, end: datetime, number: int) -> list[Record]:
        found = page(start, end, number)
        if len(shop.platform.calls) == before + 3:
            shop.leave(89)
        return found

    shop.platform.page = page_and_leave  # type: ignore[method-assign]
    assert shop.pull().finished
    assert "89" not in shop.stored()
    shop.bench.now += timedelta(minutes=2)
    while (report := shop.pull()).windows:
        assert report.finished
    assert shop.stored() == everything(shop)


def test_a_cut_that_is_long_past_is_read_anew(shop: Shop) -> None:
    shop.platform.lost = range(5, 5 + TRIES)
    shop.pull()
    assert shop.page_mark() is not None
    shop.bench.now += timedelta(hours=2)
    shop.platform.answered = 0
    assert shop.pull().finished
    assert shop.platform.answered == WHOLE


def test_cuts_again_and_again_come_to_an_end(shop: Shop) -> None:
    """The platform answers two calls, then none for a whole pull."""
    for _ in range(60):
        first = len(shop.platform.calls) + 2
        shop.platform.lost = range(first, first + TRIES)
        if shop.pull().windows:
            break
        shop.bench.now += timedelta(minutes=1)
    assert shop.stored() == everything(shop)
    assert shop.platform.answered <= 2 * WHOLE


def test_what_could_not_be_stored_is_not_noted_as_read(shop: Shop) -> None:
    """The list is told, but the detail of the sixteenth record is throttled."""
    told = 0

    def plan(what: str) -> None:
        nonlocal told
        told += what == "detail"
        if what == "detail" and told == 16:
            raise failure(Action.WAIT, seconds=90)

    shop.platform.plan = plan
    shop.platform.lost = range(4, 10_000)
    assert shop.pull().problem == "平台出错（42）"
    assert len(shop.stored()) == 15
    shop.platform.lost, shop.platform.plan = range(0), lambda _what: None
    shop.bench.now += timedelta(minutes=2)
    assert shop.pull().finished
    assert shop.stored() == everything(shop)


def test_halves_of_a_full_window_that_were_read_are_not_read_again(shop: Shop) -> None:
    shop.platform.most_rows = 50
    for number in range(PAGES * SIZE):
        shop.platform.rows[number]["modified"] = (shop.bench.ago(35) + timedelta(seconds=number * 20)).isoformat()
    whole = Paged()
    whole.rows, whole.most_rows = shop.platform.rows, 50
    window = (shop.bench.ago(36), shop.bench.ago(1))
    list(whole.records(*window))
    for at in range(1, whole.answered):
        other = Paged()
        other.rows, other.most_rows = shop.platform.rows, 50
        _read_with_a_cut(other, window, at)
        assert other.answered <= whole.answered + 3, "the counts on the way to where it was cut"


def _read_with_a_cut(platform: Paged, window: tuple[datetime, datetime], at: int) -> None:

    progress, seen = Progress(), set[str]()
    platform.lost = range(at, at + 1)
    for _ in range(2):
        with noting(progress):
            try:
                for page in platform.records(*window):
                    seen |= {record.external_id for record in page}
            except PlatformError:
                continue
        progress = Progress.load(progress.dump())
    assert seen == {row["id"] for row in platform.rows}
