from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.desk import Refusal
from handlers.duty import periods
from tests.factories import NOW
from tests.handlers.duty.rota import at


@pytest.mark.parametrize(
    ("words", "start", "end", "rest", "shown"),
    [
        ("12-25", "12-25 00:00", "12-26 00:00", "", "12-25"),
        ("12-25 至 12-26", "12-25 00:00", "12-27 00:00", "", "12-25 至 12-26"),
        ("12-25至12-26 孩子生病", "12-25 00:00", "12-27 00:00", "孩子生病", "12-25 至 12-26"),
        ("12.25-12.26", "12-25 00:00", "12-27 00:00", "", "12-25 至 12-26"),
        ("12月25日到12月26日 回老家", "12-25 00:00", "12-27 00:00", "回老家", "12-25 至 12-26"),
        ("12-25 12-26", "12-25 00:00", "12-27 00:00", "", "12-25 至 12-26"),
        ("25号 到 27号", "12-25 00:00", "12-28 00:00", "", "12-25 至 12-27"),
        ("明天", "12-23 00:00", "12-24 00:00", "", "12-23"),
        ("明天 看牙", "12-23 00:00", "12-24 00:00", "看牙", "12-23"),
        ("大后天 2天", "12-25 00:00", "12-27 00:00", "", "12-25 至 12-26"),
        ("12-25 两天 搬家", "12-25 00:00", "12-27 00:00", "搬家", "12-25 至 12-26"),
        ("后天下午", "12-24 12:00", "12-25 00:00", "", "12-24 12:00 至 12-25 00:00"),
        ("12-25 14:00 至 18:00", "12-25 14:00", "12-25 18:00", "", "12-25 14:00 至 18:00"),
        ("12-25 14点-18点半 体检", "12-25 14:00", "12-25 18:30", "体检", "12-25 14:00 至 18:30"),
        ("12-25 14:00 至 12-26 9:00", "12-25 14:00", "12-26 09:00", "", "12-25 14:00 至 12-26 09:00"),
        ("今天 18:00", "12-22 18:00", "12-23 00:00", "", "12-22 18:00 至 12-23 00:00"),
    ],
)
def test_days_are_read_as_people_write_them(words: str, start: str, end: str, rest: str, shown: str) -> None:
    period, behind = periods.read(words, NOW)

    assert (period.starts_at, period.ends_at) == (at(start), at(end))
    assert (behind, period.shown) == (rest, shown)


def test_the_last_day_may_lie_in_the_next_year() -> None:
    period, _ = periods.read("12-30 至 1-3", NOW)

    assert period.shown == "12-30 至 01-03"
    assert (period.ends_at - period.starts_at).days == 5


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "没有看懂哪天"),
        ("有事", "没有看懂哪天"),
        ("12-25 至", "没有看懂到哪天"),
        ("12-25 至 下个月", "没有看懂到哪天"),
        ("12-25 18:00 至 14:00", "结束在开始前面"),
        ("今天 上午 8:00", "今天"),
        ("12-25 25:00 至 26:00", "不是几点几分"),
        ("13-45", "没有看懂哪天"),
        ("12-25 至 2027-12-30", "最长一年"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_how_to_say_it(words: str, why: str) -> None:
    late = datetime(2025, 12, 22, 5, tzinfo=NOW.tzinfo)
    with pytest.raises(Refusal, match=why) if why != "今天" else pytest.raises(Refusal, match="已经过去了"):
        periods.read(words, late)


@given(st.text(st.sampled_from("12-25至到.号日月天今明后上下午0369: 点半abc年"), max_size=24))
def test_no_words_break_it(words: str) -> None:
    try:
        period, rest = periods.read(words, NOW)
    except Refusal:
        return
    assert period.ends_at > period.starts_at
    assert period.shown
    assert rest in words
