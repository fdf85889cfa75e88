"""Several wishes in one message are seen, and what only looks like one is not."""

from __future__ import annotations

import pytest

from handlers import actions, commands, parse

PREFIXES = {"TB", "JD", "CHAT"}
KNOWN = parse.Known(commands.names(), actions.words(), PREFIXES)


@pytest.mark.parametrize(
    ("behind", "other"),
    [
        ("、TB-003 客户要退款", "TB-003"),
        (" 和 JD-20251222-002 客户要退款", "JD-20251222-002"),
        (" JD 002 客户要退款", "JD 002"),
        (" 20251222-002 下错了", "20251222-002"),
        ("、002 下错了", "002"),
        (" 002 下错了", "002"),
        ("、102", "102"),
        (" 2000000000000012345 下错了", "2000000000000012345"),
        ("，251222-123456789012345", "251222-123456789012345"),
    ],
)
def test_another_order_behind_the_first(behind: str, other: str) -> None:
    found = parse.another(behind, PREFIXES)

    assert found is not None
    assert found.text == other


@pytest.mark.parametrize(
    "behind",
    [
        "",
        " 客户要退款",
        "，3号楼 1201",
        " 8 号院 2 单元",
        " 101室",
        "，138 元没付",
        " 13800001234",
        "，13800001234 打不通",
        " SOHO3 号楼",
        " 310000 浙江省杭州市",
        "，310000 浙江省杭州市",
        " SF1234567890123 已经揽收",
        " 王小明 13800001234 浙江省",
        " 2 件都不要",
    ],
)
def test_words_counts_phones_and_houses_are_no_other_order(behind: str) -> None:
    assert parse.another(behind, PREFIXES) is None


@pytest.mark.parametrize(
    ("rest", "others"),
    [
        ("忽略 误报\nNJA7 忽略 误报", ["NJA7 忽略 误报"]),
        ("TB-001 要红色\n备注 TB-002 要蓝色", ["备注 TB-002 要蓝色"]),
        ("TB-001 要红色\nTB-002 要蓝色", ["TB-002 要蓝色"]),
        ("TB-001 周五\n延发 TB-002 周六\n延发 TB-003 周日", ["延发 TB-002 周六", "延发 TB-003 周日"]),
        ("TB-001\nTB-002 原因\nTB-003 原因", ["TB-003 原因"]),
        ("完成\n完成 HBP5", ["完成 HBP5"]),
        ("完成\nHBP5", ["HBP5"]),
        ("TB-001 要红色\n\n 转 NJA7 老王", ["转 NJA7 老王"]),
    ],
)
def test_lines_that_are_wishes_of_their_own(rest: str, others: list[str]) -> None:
    assert parse.wishes(rest, KNOWN, words_behind=True) == others


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "TB-001 要红色",
        "TB-001 要红色\n查一下有没有货\n3 楼没人",
        "TB-001\nTB-002\nTB-003 一起发",
        "TB-001 客户说\n转告仓库轻拿轻放",
        "TB-001 送到\nB座 1201\nSOHO3 号楼",
        "TB-001 王小明\n13800001234\n浙江省杭州市西湖区",
    ],
)
def test_a_note_of_several_lines_is_one_wish(rest: str) -> None:
    assert parse.wishes(rest, KNOWN, words_behind=True) == []


def test_orders_line_by_line_are_one_wish_where_no_words_are_kept() -> None:
    assert parse.wishes("TB-001 顺丰 SF1\nTB-002 圆通 YT1", KNOWN, words_behind=False) == []


@pytest.mark.parametrize(
    ("words", "other"),
    [("HBP5", "HBP5"), ("、HBP5", "HBP5"), ("hbp5", "HBP5"), ("ABCD", "ABCD"), ("HBP5 误报", "HBP5")],
)
def test_another_code_behind_the_verb(words: str, other: str) -> None:
    assert parse.code_behind(words, "D434") == other


@pytest.mark.parametrize("words", ["", "done", "补了门牌", "D434", "1234", "3楼B座", "JD-20251222-001"])
def test_what_is_no_other_code(words: str) -> None:
    assert parse.code_behind(words, "D434") == ""
