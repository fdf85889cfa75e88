from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parse import day_in, day_near

MONDAY = date(2025, 12, 22)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12-25", date(2025, 12, 25)),
        ("12月31日", date(2025, 12, 31)),
        ("2026-01-03", date(2026, 1, 3)),
        ("1.3", date(2026, 1, 3)),
        ("25号", date(2025, 12, 25)),
        ("3号", date(2026, 1, 3)),
        ("12-22", MONDAY),
        ("30日", date(2025, 12, 30)),
        ("2025-01-01", None),
        ("2-30", None),
        ("今天", MONDAY),
        ("明天", date(2025, 12, 23)),
        ("后天", date(2025, 12, 24)),
        ("大后天", date(2025, 12, 25)),
        ("周一", MONDAY),
        ("周五", date(2025, 12, 26)),
        ("星期天", date(2025, 12, 28)),
        ("下周一", date(2025, 12, 29)),
        ("下周三", date(2025, 12, 31)),
        ("昨天", None),
        ("周八", None),
        ("32号", None),
        ("13-1", None),
    ],
)
def test_dates_are_the_next_of_their_kind(text: str, day: date | None) -> None:
    assert day_in(text, MONDAY) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12-01", date(2025, 12, 1)),
        ("12月21日", date(2025, 12, 21)),
        ("12-22", MONDAY),
        ("12-31", date(2025, 12, 31)),
        ("1.10", date(2026, 1, 10)),
        ("11-1", date(2025, 11, 1)),
        ("2025-01-01", date(2025, 1, 1)),
        ("2027-01-01", date(2027, 1, 1)),
        ("2-30", None),
        ("20号", date(2026, 1, 20)),
        ("周五", date(2025, 12, 26)),
        ("昨天", None),
    ],
)
def test_a_day_of_a_month_is_that_of_the_nearest_year_and_may_be_over(text: str, day: date | None) -> None:
    assert day_near(text, MONDAY) == day


def test_the_nearest_year_of_a_day_in_january_is_looked_for_on_both_sides() -> None:
    assert day_near("12-31", date(2026, 1, 3)) == date(2025, 12, 31)
    assert day_near("01-03", date(2025, 12, 31)) == date(2026, 1, 3)


@given(st.text(max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    found = day_in(text, MONDAY)

    assert found is None or found >= MONDAY
