from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.batches.wording import split, with_day

PREFIXES = {"TB", "JD", "PDD"}
TODAY = date(2025, 12, 22)  # a Monday


@pytest.mark.parametrize(
    ("typed", "named", "words"),
    [
        ("001 加固", ["001"], "加固"),
        ("001加固", ["001"], "加固"),
        ("001 138 元已退", ["001"], "138 元已退"),
        ("001 3 个杯子", ["001"], "3 个杯子"),
        ("3 个杯子", ["3"], "个杯子"),
        ("001、138 加固", ["001", "138"], "加固"),
        ("001 002 加固", ["001", "002"], "加固"),
        ("JD 001-020 今天不发", ["JD 001-020"], "今天不发"),
        ("001-020 加固", ["001-020"], "加固"),
        ("全部 今天盘点", ["全部"], "今天盘点"),
        ("京东 今天盘点", ["京东"], "今天盘点"),
        ("全部 京东 盘点", ["全部", "京东"], "盘点"),
        ("JD-20251222-001 JD-20251222-002 加固", ["JD-20251222-001", "JD-20251222-002"], "加固"),
        ("JD-20251222-001\nTB-20251222-002\n加固", ["JD-20251222-001", "TB-20251222-002"], "加固"),
        ("JD-20251222-001 SF1234567890123 已补发", ["JD-20251222-001"], "SF1234567890123 已补发"),
        ("JD-20251222-001 全部换成红色", ["JD-20251222-001"], "全部换成红色"),
        ("001 CUP2 换", ["001"], "CUP2 换"),
        ("CUP2 换", [], "CUP2 换"),
        ("TB 001 TB 002 轻放", ["TB 001", "TB 002"], "轻放"),
        ("", [], ""),
    ],
)
def test_what_is_an_order_and_what_is_said_of_it(typed: str, named: list[str], words: str) -> None:
    found, behind = split(typed, PREFIXES)
    assert ([one.text for one in found], behind) == (named, words)


@pytest.mark.parametrize(
    ("typed", "named", "day", "words"),
    [
        ("001 12-25 客户出差", ["001"], date(2025, 12, 25), "客户出差"),
        ("001 12月25日", ["001"], date(2025, 12, 25), ""),
        ("001 2026-01-02", ["001"], date(2026, 1, 2), ""),
        ("JD 1-20 12-25", ["JD 1-20"], date(2025, 12, 25), ""),
        ("001-020 明天", ["001-020"], date(2025, 12, 23), ""),
        ("001 下周一 出差", ["001"], date(2025, 12, 29), "出差"),
        ("001 周五", ["001"], date(2025, 12, 26), ""),
        ("001 3天后", ["001"], date(2025, 12, 25), ""),
        ("全部 12-25 起再发 盘点", ["全部"], date(2025, 12, 25), "盘点"),
        (
            "JD-20251222-001、JD-20251222-002 25号 出差",
            ["JD-20251222-001", "JD-20251222-002"],
            date(2025, 12, 25),
            "出差",
        ),
        ("001 取消", ["001"], None, "取消"),
        ("001 13-45", ["001", "13"], None, ""),
    ],
)
def test_the_day_stands_between_the_orders_and_the_reason(
    typed: str, named: list[str], day: date | None, words: str
) -> None:
    found, until, behind = with_day(typed, TODAY)
    assert ([one.text for one in found], until) == (named, day)
    assert day is None or behind == words


@given(st.text(st.sampled_from("审核全部京东明天下周一JDTB 0123456789-、,\n年月号后"), max_size=40))
def test_no_line_raises(typed: str) -> None:
    split(typed, PREFIXES)
    with_day(typed, TODAY)
