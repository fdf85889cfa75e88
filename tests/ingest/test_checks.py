from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.checks import checked
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot, Unreadable

NOW = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)
LINE = LineSnapshot("1", "QH-CUP-RED", "1", "马克杯", 1, 100, 100)
ORDER = OrderSnapshot("1", Effect.ADMIT, "OPEN", NOW, NOW, (LINE,), 100, paid_at=NOW)


def test_an_ordinary_order_goes_through_as_it_is() -> None:
    assert checked(ORDER, NOW) is ORDER


@pytest.mark.parametrize("name", ["line_key", "sku", "platform_sku"])
def test_a_code_that_no_index_can_hold_is_unreadable(name: str) -> None:
    longest: dict[str, Any] = {name: "X" * 200}
    longer: dict[str, Any] = {name: "X" * 6000}
    assert checked(replace(ORDER, lines=(LINE, replace(LINE, **longest))), NOW)
    with pytest.raises(Unreadable, match=r"太长（6000 个字符）：X{20}…"):
        checked(replace(ORDER, lines=(LINE, replace(LINE, **longer))), NOW)


def test_an_order_without_a_number_of_its_own_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="没有订单号"):
        checked(replace(ORDER, external_id="?779ac75b"), NOW)


@pytest.mark.parametrize("name", ["external_id", "original_id"])
def test_so_is_a_number(name: str) -> None:
    long: dict[str, Any] = {name: "9" * 201}
    with pytest.raises(Unreadable, match="订单号太长"):
        checked(replace(ORDER, **long), NOW)


@pytest.mark.parametrize(
    ("name", "label"),
    [("created_at", "创建时间"), ("modified_at", "修改时间"), ("paid_at", "付款时间"), ("shipped_at", "发货时间")],
)
def test_what_happened_in_the_future_is_unreadable(name: str, label: str) -> None:
    late: dict[str, Any] = {name: NOW + timedelta(seconds=1)}
    with pytest.raises(Unreadable, match=f"{label}在将来"):
        checked(replace(ORDER, **late), NOW)


def test_a_promise_may_lie_ahead() -> None:
    ahead = NOW + timedelta(days=60)
    assert checked(replace(ORDER, ship_by_at=ahead, not_before_at=ahead), NOW)
