from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import phrases
from tests.bot.samples import NOW


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(), "不到 1 分钟"),
        (timedelta(minutes=12), "12 分"),
        (timedelta(hours=3, minutes=12), "3 小时 12 分"),
        (timedelta(hours=2), "2 小时"),
        (timedelta(days=2, hours=3, minutes=9), "2 天 3 小时"),
        (timedelta(days=1), "1 天"),
        (-timedelta(minutes=5), "5 分"),
    ],
)
def test_spans_as_people_say_them(length: timedelta, said: str) -> None:
    assert phrases.span(length) == said


def test_time_left_and_time_over() -> None:
    assert phrases.left(NOW + timedelta(hours=5, minutes=20), NOW) == "剩 5 小时"
    assert phrases.left(NOW - timedelta(hours=2, minutes=1), NOW) == "已超 2 小时"
    assert phrases.left(NOW + timedelta(seconds=20), NOW) == "剩不到 1 分钟"
    assert phrases.left(NOW + timedelta(minutes=40), NOW) == "剩 40 分"
    assert phrases.left(NOW + timedelta(hours=46), NOW) == "剩 46 小时"
    assert phrases.left(NOW + timedelta(hours=80), NOW) == "剩 3 天"
    assert phrases.left(NOW - timedelta(seconds=20), NOW) == "已超不到 1 分钟"
    assert phrases.stayed(NOW - timedelta(seconds=20), NOW) == "已停留不到 1 分钟"
    assert phrases.stayed(NOW - timedelta(hours=3, minutes=12), NOW) == "已停留 3 小时 12 分"


def test_moments_are_beijing_time_and_as_short_as_they_can_be() -> None:
    assert phrases.moment(NOW, NOW) == "10:00"
    assert phrases.moment(NOW + timedelta(days=2), NOW) == "12-24 10:00"
    assert phrases.moment(NOW - timedelta(days=400), NOW) == "2024-11-17 10:00"
    assert phrases.full_moment(NOW) == "2025-12-22 10:00"


def test_money() -> None:
    assert phrases.yuan(31_800) == "¥318"
    assert phrases.yuan(123_456_789) == "¥1,234,567.89"


def test_texts_are_cut_where_it_hurts_least() -> None:
    assert phrases.cut("订单地址模糊", 4) == "订单地…"
    assert phrases.cut_bytes("一行\n" * 100, 50).endswith("…")
    assert phrases.cut_bytes("一行\n" * 100, 300).endswith("一行\n…还有 64 行没有列出")
    assert phrases.one_line(" a\n b\t c ") == "a b c"
    assert phrases.printable("a\x00b\x1bc\nd") == "abc\nd"


def test_the_stars_of_a_mask_are_no_markdown() -> None:
    said = "**收件** 林** 138****1234，**尾号** 1234 与 a**b"
    assert phrases.bold_as(said, r"\1", "*") == "收件 林** 138****1234，尾号 1234 与 a**b"
    assert phrases.bold_as(said, r"**\1**", "＊") == "**收件** 林＊＊ 138＊＊＊＊1234，**尾号** 1234 与 a＊＊b"
    assert phrases.bold_as("林**138****1234", r"\1", "*") == "林**138****1234"


@given(st.text(max_size=400), st.integers(3, 300))
def test_a_cut_text_fits_and_stays_a_text(text: str, most: int) -> None:
    assert len(phrases.cut_bytes(text, most).encode()) <= most
    assert len(phrases.cut(text, most)) <= most
