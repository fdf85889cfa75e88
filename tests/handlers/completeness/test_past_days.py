from __future__ import annotations

from datetime import date

import pytest

from handlers.completeness.past_days import past_day

MONDAY = date(2025, 12, 22)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("今天", date(2025, 12, 22)),
        ("昨天", date(2025, 12, 21)),
        ("前天", date(2025, 12, 20)),
        ("12-01", date(2025, 12, 1)),
        ("12月1日", date(2025, 12, 1)),
        ("12.1", date(2025, 12, 1)),
        ("2025-12-01", date(2025, 12, 1)),
        ("2025/12/1", date(2025, 12, 1)),
        ("20251201", date(2025, 12, 1)),
        ("12-25", date(2025, 12, 25)),  # has yet to come: whoever asks refuses it
        ("01-05", date(2025, 1, 5)),
        ("02-30", None),
        ("13-01", None),
        ("青禾", None),
        ("", None),
        ("12", None),
    ],
)
def test_days_as_people_type_them(words: str, day: date | None) -> None:
    assert past_day(words, MONDAY) == day


def test_in_january_the_end_of_december_was_last_year() -> None:
    assert past_day("12-31", date(2026, 1, 5)) == date(2025, 12, 31)
    assert past_day("1-5", date(2026, 1, 5)) == date(2026, 1, 5)
