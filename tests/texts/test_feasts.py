from __future__ import annotations

from datetime import date

import pytest

from texts.feasts import after_feast, feast

SAID = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("word", "day", "over"),
    [
        ("元旦", (2027, 1, 1), (2027, 1, 2)),
        ("春节", (2027, 2, 6), (2027, 2, 13)),
        ("过完年", (2027, 2, 6), (2027, 2, 13)),
        ("大年初八", (2027, 2, 13), (2027, 2, 13)),
        ("正月十八", (2027, 2, 23), (2027, 2, 23)),
        ("元宵节", (2027, 2, 20), (2027, 2, 21)),
        ("端午", (2027, 6, 9), (2027, 6, 10)),
        ("中秋节", (2027, 9, 15), (2027, 9, 16)),
        ("双十二", (2026, 12, 12), (2026, 12, 13)),
        ("国庆", (2027, 10, 1), (2027, 10, 8)),
    ],
)
def test_a_feast_and_the_day_on_which_it_is_over(
    word: str, day: tuple[int, int, int], over: tuple[int, int, int]
) -> None:
    found = feast(word, SAID)

    assert found == date(*day)
    assert after_feast(word, found) == date(*over)


def test_a_feast_that_lasts_is_still_this_one() -> None:
    assert feast("国庆", date(2026, 10, 3)) == date(2026, 10, 1)
    assert feast("春节", date(2026, 2, 20)) == date(2026, 2, 17)


def test_what_has_no_fixed_day_has_none() -> None:
    assert feast("开学", SAID) is None
    assert after_feast("开学", None) is None
