from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.money import fen, fen_or_zero, pieces, shares, whole_fen, whole_fen_or_zero
from ingest.snapshot import Unreadable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("118.00", 11800),
        ("0.01", 1),
        ("0.00", 0),
        (" 118.5 ", 11850),
        ("118", 11800),
        (118, 11800),
        (Decimal("118.0"), 11800),
        (Decimal("0.29"), 29),
        (Decimal("1E+2"), 10000),
        ("1.005", 101),
        ("1000000000", 100_000_000_000),
    ],
)
def test_a_price_becomes_whole_fen(value: object, expected: int) -> None:
    assert fen(value, "实付金额") == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "缺少实付金额"),
        ("", "缺少实付金额"),
        ("-0.01", "实付金额不合理：-0.01"),
        ("1000000000.01", "实付金额不合理"),
        (Decimal("1E+999999"), "实付金额不合理"),
        ("NaN", "实付金额不是数字"),
        ("sNaN", "实付金额不是数字"),
        ("Infinity", "实付金额不是数字"),
        ("一百", "实付金额不是数字：一百"),
        ("²", "实付金额不是数字"),
        (True, "实付金额不是数字"),
        ([], "实付金额不是数字"),
        ({}, "实付金额不是数字"),
        (1.5, "实付金额不是数字"),
    ],
)
def test_an_absurd_price_is_unreadable_and_named(value: object, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        fen(value, "实付金额")


def test_a_price_that_is_not_told_may_count_as_zero() -> None:
    assert fen_or_zero(None, "运费") == fen_or_zero("", "运费") == 0
    with pytest.raises(Unreadable):
        fen_or_zero("-1", "运费")


@pytest.mark.parametrize(
    ("value", "fen_told"), [(0, 0), (11800, 11800), ("11800", 11800), (Decimal("11800.0"), 11800), (10**11, 10**11)]
)
def test_a_price_that_is_told_in_fen_stays_as_it_is(value: object, fen_told: int) -> None:
    assert whole_fen(value, "实付金额") == fen_told


@pytest.mark.parametrize("value", [-1, 10**11 + 1, Decimal("0.5"), "1.5", None, "", "一百", True, 1.5, [], "NaN"])
def test_what_is_no_whole_number_of_fen_is_unreadable(value: object) -> None:
    with pytest.raises(Unreadable, match="实付金额"):
        whole_fen(value, "实付金额")


def test_fen_that_are_not_told_may_count_as_zero() -> None:
    assert whole_fen_or_zero(None, "运费") == whole_fen_or_zero("", "运费") == 0
    assert whole_fen_or_zero("50", "运费") == 50


@pytest.mark.parametrize("value", [0, -2, "1.5", 1_000_001, None, "", "两", True, Decimal("0.5")])
def test_an_absurd_count_is_unreadable(value: object) -> None:
    with pytest.raises(Unreadable, match="商品数量"):
        pieces(value, "商品数量")


def test_a_count_may_be_a_number_or_text() -> None:
    assert [pieces(value, "商品数量") for value in (1, "2", Decimal("3.0"), 1_000_000)] == [1, 2, 3, 1_000_000]


@given(st.integers(0, 10**11), st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_shares_add_up_exactly(total: int, weights: list[int]) -> None:
    parts = shares(total, weights)
    assert len(parts) == len(weights)
    assert sum(parts) == total
    assert min(parts) >= 0


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_every_price_with_two_places_is_exact(price: Decimal) -> None:
    assert fen(str(price), "单价") == fen(price, "单价") == int(price * 100)
