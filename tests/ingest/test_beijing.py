from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ingest.beijing import beijing_text, moment, required_moment
from ingest.snapshot import Unreadable

TEN = datetime(2026, 3, 1, 2, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01 10:00:00",
        " 2026-03-01 10:00:00 ",
        "2026-03-01T10:00:00",
        "2026-03-01 02:00:00+00:00",
        1772330400,
        "1772330400",
        Decimal(1772330400),
        1772330400000,
        "1772330400000",
    ],
)
def test_wall_clock_means_beijing_and_numbers_mean_epoch(value: object) -> None:
    found = moment(value, "创建时间")
    assert found == TEN
    assert found is not None
    assert found.tzinfo is not None


@pytest.mark.parametrize("value", [None, "", "0", 0, "0001-01-01 00:00:00", "1970-01-01 00:00:00", "   "])
def test_no_value_is_none(value: object) -> None:
    assert moment(value, "创建时间") is None
    with pytest.raises(Unreadable, match="缺少创建时间"):
        required_moment(value, "创建时间")


@pytest.mark.parametrize(
    "value",
    ["昨天", "2026-13-01 00:00:00", "9999-12-31 23:59:59", [1], {"a": 1}, True, -5, 10**30, Decimal("NaN"), "9" * 40],
)
def test_an_absurd_time_is_unreadable_and_named(value: object) -> None:
    with pytest.raises(Unreadable, match="创建时间"):
        moment(value, "创建时间")


def test_platforms_are_asked_in_beijing_time() -> None:
    assert beijing_text(TEN) == "2026-03-01 10:00:00"
