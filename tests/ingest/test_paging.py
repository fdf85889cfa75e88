from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ingest.paging import read_window
from ingest.source import Action, PlatformError, Record

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)


class Listed:
    """A platform's list, newest first; `after` changes it after the n-th reading of a page."""

    page_size = 3
    most_rows = 20

    def __init__(self, count: int, **after: Callable[[Listed], None]) -> None:
        self.rows = [(str(number), START + timedelta(seconds=number)) for number in range(count, 0, -1)]
        self.asked: list[int] = []
        self.windows: list[tuple[datetime, datetime]] = []
        self._after = after

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        self.windows.append((start, end))
        inside = self._inside(start, end)
        return len(inside), [Record(name, {}) for name in inside[: self.page_size]]

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        self.asked.append(number)
        found = self._inside(start, end)[(number - 1) * self.page_size : number * self.page_size]
        if change := self._after.get(f"reading_{len(self.asked)}"):
            change(self)
        return [Record(name, {}) for name in found]

    def _inside(self, start: datetime, end: datetime) -> list[str]:
        return [name for name, at in self.rows if start <= at <= end]


def read(listed: Listed, end: datetime = END) -> list[str]:
    return [record.external_id for page in read_window(listed, START, end) for record in page]


def test_one_reply_that_tells_everything_is_enough() -> None:
    listed = Listed(2)
    assert read(listed) == ["2", "1"]
    assert listed.asked == []


def test_a_full_page_is_looked_behind_whatever_total_is_stated() -> None:
    listed = Listed(3)
    assert read(listed) == ["3", "2", "1"]
    assert listed.asked == [2]


class Understating(Listed):
    """States fewer rows than it holds."""

    says = 2

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        return self.says, super().count(start, end)[1]


@pytest.mark.parametrize("says", [0, 1, 2, 3, 4, 5, 6, 7])
def test_a_total_that_is_too_small_ends_no_reading(says: int) -> None:
    listed = Understating(8)
    listed.says = says
    assert set(read(listed)) == {str(number) for number in range(1, 9)}


@pytest.mark.parametrize("reading", [1, 2, 3])
@pytest.mark.parametrize("name", ["8", "5", "1"])
def test_a_row_that_leaves_while_a_wrong_total_is_read_past_costs_no_other_row(reading: int, name: str) -> None:
    listed = Understating(9, **{f"reading_{reading}": leave(name)})
    assert set(read(listed)) | {name} == {str(number) for number in range(1, 10)}


def test_a_list_that_shows_one_page_for_every_number_has_an_end() -> None:
    class Stuck(Understating):
        def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
            return super().page(start, end, min(number, 2))

    assert len(set(read(Stuck(9)))) == 6


def test_an_empty_window_is_one_question() -> None:
    listed = Listed(0)
    assert read(listed) == []
    assert (len(listed.windows), listed.asked) == (1, [])


def test_pages_are_read_from_the_last_to_the_first_and_then_the_one_beyond() -> None:
    listed = Listed(8)
    assert sorted(read(listed), key=int) == [str(number) for number in range(1, 9)]
    assert listed.asked == [3, 2, 1, 4]


def leave(name: str) -> Callable[[Listed], None]:
    def change(listed: Listed) -> None:
        listed.rows = [row for row in listed.rows if row[0] != name]

    return change


@pytest.mark.parametrize("reading", [1, 2, 3])
@pytest.mark.parametrize("name", ["9", "5", "1"])
def test_a_row_that_leaves_while_pages_are_read_costs_no_other_row(reading: int, name: str) -> None:
    listed = Listed(9, **{f"reading_{reading}": leave(name)})
    assert set(read(listed)) | {name} == {str(number) for number in range(1, 10)}


def test_fewer_rows_than_stated_repeat_the_window() -> None:
    listed = Listed(9, reading_1=leave("9"))
    read(listed)
    assert listed.asked[:3] == [3, 2, 1]
    assert listed.asked[3:6] == [3, 2, 1]


def test_a_row_beyond_the_last_page_repeats_the_window() -> None:
    def arrive(listed: Listed) -> None:
        listed.rows.append(("0", START))

    listed = Listed(9, reading_2=arrive)
    assert "0" in read(listed)


def test_rows_that_leave_at_every_reading_do_not_block_the_shop() -> None:
    leaving = {f"reading_{1 + 3 * turn}": leave(str(9 - turn)) for turn in range(3)}
    assert set(read(Listed(9, **leaving))) >= {"1", "2", "3", "4", "5", "6"}


def test_a_total_that_never_comes_true_is_a_transient_error_and_no_end() -> None:
    class Boasting(Listed):
        def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
            return 12, []

    with pytest.raises(PlatformError) as caught:
        read(Boasting(9))
    assert caught.value.resolution.action is Action.RETRY


def test_a_window_with_too_many_rows_is_halved_without_a_gap() -> None:
    listed = Listed(70)
    listed.rows = [(str(number), START + timedelta(seconds=number * 20)) for number in range(70, 0, -1)]
    assert set(read(listed)) == {str(number) for number in range(1, 71)}
    assert max(end - start for start, end in listed.windows[1:]) <= timedelta(minutes=15)


def test_one_second_with_too_many_rows_is_read_by_pages() -> None:
    listed = Listed(30)
    listed.rows = [(str(number), START) for number in range(30, 0, -1)]
    assert set(read(listed, START)) == {str(number) for number in range(1, 31)}
