from __future__ import annotations

from datetime import date

import pytest

from texts.days import days_in, next_of, number

WEDNESDAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("下周三", (2026, 11, 25)),
        ("周三", (2026, 11, 25)),
        ("这周三", (2026, 11, 18)),
        ("下下周一", (2026, 11, 30)),
        ("下周末", (2026, 11, 28)),
        ("礼拜天", (2026, 11, 22)),
        ("25号", (2026, 11, 25)),
        ("5号", (2026, 12, 5)),
        ("廿五号", (2026, 11, 25)),
        ("12.5号", (2026, 12, 5)),
        ("12/5", (2026, 12, 5)),
        ("这个月28", (2026, 11, 28)),
        ("下月10号", (2026, 12, 10)),
        ("12月中旬", (2026, 12, 11)),
        ("月底", (2026, 11, 30)),
        ("下个月初", (2026, 12, 1)),
        ("明年3月", (2027, 3, 1)),
        ("大后天", (2026, 11, 21)),
        ("两个星期", (2026, 12, 2)),
        ("一个月", (2026, 12, 18)),
        ("三日后", (2026, 11, 21)),
        ("元旦", (2027, 1, 1)),
        ("12月20号出生,20号", (2026, 12, 20)),
        ("2026-12-01", (2026, 12, 1)),
        ("2026/12/1", (2026, 12, 1)),
        ("2027.01.05", (2027, 1, 5)),
        ("20261201", (2026, 12, 1)),
        ("2026年12月12日", (2026, 12, 12)),
        ("2027年1月5号", (2027, 1, 5)),
    ],
)
def test_a_day_by_its_name(text: str, day: tuple[int, int, int]) -> None:
    found = list(days_in(text, WEDNESDAY))

    assert found[-1].first == date(*day)


@pytest.mark.parametrize("text", ["几天", "两三天", "5-6天", "99天", "2月30号"])
def test_words_that_name_no_day_of_a_calendar(text: str) -> None:
    assert [found.first for found in days_in(text, WEDNESDAY)] in ([None], [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25号楼",
        "25号色",
        "12.5寸",
        "3号线",
        "2.5米",
        "以后天气",
        "2026-11-01",
        "2026-13-01",
        "20261301",
        "120261201",
        "单号20261201",
        "20261201号",
    ],
)
def test_numbers_that_are_no_days(text: str) -> None:
    assert not list(days_in(text, WEDNESDAY))


def test_a_number_in_either_writing() -> None:
    assert [number(text) for text in ("12", "十二", "二十五", "廿三", "两三")] == [12, 12, 25, 23, 0]


def test_the_29th_of_february_is_the_next_one_within_a_year_or_none() -> None:
    assert next_of(date(2027, 12, 1), 2, 29) == date(2028, 2, 29)
    assert next_of(WEDNESDAY, 2, 29) is None
