"""A period is read again to its end, whoever dies on the way, and the pull does not notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ingest.backfill import Progress, backfill
from ingest.reading import Reading, alone
from ingest.source import Action, Record
from models import Backfill, Order, Shop
from tests.ingest.fakes import failure
from tests.ingest.one_shop import Bench, fail_at


class Killed(BaseException):
    """Nobody catches it, as nobody catches the end of a process."""


@pytest.fixture
def bench(sessions: sessionmaker[Session], now: datetime) -> Bench:
    return Bench(sessions, now)


def reading(bench: Bench) -> Reading:
    return Reading(
        bench.sessions, 1, bench.marketplace, now=lambda: bench.now,
        watch=lambda _session, ids: bench.watched.extend(ids), sleep=bench.slept.append,
    )  # fmt: skip


def asked(bench: Bench, hours: float = 5, until: float = 1) -> int:
    """A back-fill from `hours` ago until `until` hours ago."""
    start = bench.ago(60 * hours)
    row = Backfill(
        shop_id=1, start_at=start, end_at=bench.ago(60 * until), done_to=start, asked_at=bench.now, asked_by=7
    )
    with bench.sessions() as session:
        session.add(row)
        session.commit()
    return row.id


def row_of(bench: Bench, backfill_id: int) -> Backfill:
    with bench.sessions() as session:
        return session.get_one(Backfill, backfill_id)


def go_on(bench: Bench, backfill_id: int, **limits: Any) -> Progress:
    return backfill(reading(bench), backfill_id, ended=bench.hear_of_the_end, **limits)


def test_it_stores_what_the_pull_never_saw_and_leaves_the_cursor(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(20))
    bench.pull()
    cursor = bench.synced_to()
    bench.marketplace.add(2, bench.ago(4 * 60))
    bench.marketplace.add(3, bench.ago(10 * 60))  # before the period
    number = asked(bench)

    progress = go_on(bench, number)

    assert (progress.new, progress.finished, progress.done) == (1, True, 8)
    assert bench.count(Order) == 2
    assert bench.synced_to() == cursor
    row = row_of(bench, number)
    assert (row.state, row.done_to, row.ended_at) == ("done", bench.ago(60), bench.now)
    assert bench.ends == [number], "who asked hears of the end, once"


def test_it_finds_an_order_by_its_creation_whatever_became_of_it_since(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(2), created=bench.ago(4 * 60).isoformat())
    assert go_on(bench, asked(bench)).new == 1


def test_windows_are_no_longer_than_the_source_allows_and_leave_no_gap(bench: Bench) -> None:
    number = asked(bench, hours=3.25)
    go_on(bench, number)
    spans = bench.marketplace.asked
    assert [end - start for start, end in spans] == [timedelta(minutes=30)] * 4 + [timedelta(minutes=15)]
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert (spans[0][0], spans[-1][1]) == (bench.ago(195), bench.ago(60))


def test_a_killed_worker_s_work_is_taken_up_where_it_was(bench: Bench) -> None:
    for hours in (4.9, 4.2, 3.1, 1.4):
        bench.marketplace.add(round(hours * 10), bench.ago(60 * hours))
    number = asked(bench)
    left = [5]

    def dying(what: str) -> None:
        left[0] -= what == "list"
        if left[0] == 0:
            raise Killed

    bench.marketplace.plan = dying
    with pytest.raises(Killed):
        go_on(bench, number)
    row = row_of(bench, number)
    assert (row.state, row.windows, row.done_to) == ("running", 4, bench.ago(180))
    assert bench.ends == []

    bench.marketplace.plan = lambda _what: None
    bench.marketplace.asked.clear()
    progress = go_on(bench, number)
    assert bench.marketplace.asked[0][0] == bench.ago(180), "not from the beginning"
    assert (progress.finished, progress.new, bench.count(Order)) == (True, 4, 4)
    assert bench.ends == [number]


def test_a_crash_while_people_are_told_of_the_end_leaves_the_end_to_be_told(bench: Bench) -> None:
    number = asked(bench, hours=1.5)
    bench.deaf = True
    with pytest.raises(RuntimeError):
        go_on(bench, number)
    assert row_of(bench, number).state == "running"
    bench.deaf = False
    assert go_on(bench, number).finished
    assert bench.ends == [number]


def test_one_that_is_done_is_not_read_again(bench: Bench) -> None:
    number = asked(bench)
    go_on(bench, number)
    calls = len(bench.marketplace.asked)
    assert go_on(bench, number).finished
    assert (len(bench.marketplace.asked), bench.ends) == (calls, [number])


def test_it_goes_on_in_pieces(bench: Bench) -> None:
    number = asked(bench)
    first = go_on(bench, number, most_windows=3)
    assert (first.done, first.windows, first.finished) == (3, 8, False)
    assert go_on(bench, number, most_windows=5).finished


def test_whoever_watches_hears_of_each_window(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(4 * 60 + 10))
    seen: list[tuple[int, int, int]] = []
    go_on(bench, asked(bench, until=3), progress=lambda one: seen.append((one.done, one.windows, one.new)))
    assert seen == [(1, 4, 0), (2, 4, 1), (3, 4, 1), (4, 4, 1)]


def test_a_platform_that_says_wait_is_waited_for_and_nothing_is_lost(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(4.5 * 60))
    bench.marketplace.add(2, bench.ago(100))
    number = asked(bench)
    fail_at(bench, "page", failure(Action.WAIT, seconds=300, text="接口限流"))
    progress = go_on(bench, number)
    assert (progress.problem, progress.passing, progress.finished) == ("接口限流（42）", True, False)
    assert row_of(bench, number).problem == "接口限流（42）"
    progress = go_on(bench, number)
    assert (progress.problem, progress.finished, row_of(bench, number).problem) == ("", True, "")
    assert bench.count(Order) == 2


def test_a_platform_that_forbids_it_leaves_it_standing_for_people(bench: Bench) -> None:
    number = asked(bench)
    fail_at(bench, "list", failure(Action.STOP, text="店铺授权已过期，请重新授权"))
    progress = go_on(bench, number)
    assert (progress.problem, progress.passing) == ("店铺授权已过期，请重新授权（42）", False)
    assert row_of(bench, number).state == "running", "it goes on when the authorisation is back"


def test_a_period_that_is_not_over_ends_where_the_platform_shows_everything(bench: Bench) -> None:
    number = asked(bench, hours=1, until=-5)
    bench.marketplace.add(1, bench.ago(0.5))  # younger than the platform shows in full: the pull's
    assert go_on(bench, number).finished
    assert bench.marketplace.asked[-1][1] == bench.ago(1)


def test_two_workers_do_not_do_the_same_back_fill(bench: Bench) -> None:
    number = asked(bench)
    with alone(bench.sessions, 4_070_005, number):
        assert go_on(bench, number).busy
    assert bench.marketplace.asked == []


def test_who_lost_the_lock_does_not_move_what_another_moved(bench: Bench) -> None:
    number = asked(bench)

    def meddling(what: str) -> None:
        if what == "list":
            bench.marketplace.plan = lambda _what: None
            with bench.sessions() as session:
                session.get_one(Backfill, number).done_to = bench.ago(61)
                session.commit()

    bench.marketplace.plan = meddling
    progress = go_on(bench, number)
    assert progress.finished
    assert row_of(bench, number).windows == 1, "the other's place was taken over, and the end read from there"


def test_memory_is_bounded_however_many_orders_a_window_holds(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    bench.marketplace.page_size = 100
    for number in range(1250):
        bench.marketplace.add(number, bench.ago(4 * 60) + timedelta(seconds=number))
    taken: list[int] = []
    shop = reading(bench)
    real = shop._taking.take

    def counting(records: Sequence[Record]) -> None:
        taken.append(len(records))
        real(records)

    monkeypatch.setattr(shop._taking, "take", counting)
    assert backfill(shop, asked(bench), ended=bench.hear_of_the_end).new == 1250
    assert max(taken) == 500


def test_the_clock_of_the_platform_decides_what_is_over(bench: Bench) -> None:
    with bench.sessions() as session:
        session.get_one(Shop, 1).clock_offset_seconds = -1800
        session.commit()
    go_on(bench, asked(bench, hours=1, until=0))
    assert bench.marketplace.asked[-1][1] == bench.ago(31)
