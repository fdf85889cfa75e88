"""May the order leave, and what of it is still here?"""

from __future__ import annotations

from typing import Any

import pytest

from ingest.douyin.standing import standing, unshipped
from tests.ingest.golden import row


@pytest.mark.parametrize("event", ["shipped", "finished", "refunded_after_shipping"])
def test_what_has_left_shows_its_waybills(event: str) -> None:
    found = standing(row("douyin", event))
    assert (found.shipped, found.waybills) == (True, ("YT1234567890123",))


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("cancelled", "已取消"),
        ("refunded_before_shipping", "已退款"),
        ("unpaid", "没有付清"),
        ("deposit_only", "没有付清"),
        ("under_review", "风控审核中"),
        ("multi_line_refund", "退款中"),
        ("unknown_status", "不认识"),
    ],
)
def test_what_may_not_leave_says_why(event: str, why: str) -> None:
    found = standing(row("douyin", event))
    assert not found.shipped
    assert why in found.refusal


@pytest.mark.parametrize("event", ["ordinary", "part_shipped", "line_refunded", "presale"])
def test_what_may_leave_has_no_refusal(event: str) -> None:
    found = standing(row("douyin", event))
    assert (found.shipped, found.refusal) == (False, "")


def test_a_refusal_of_the_seller_does_not_hold_the_order() -> None:
    order = row("douyin", "multi_line_refund")
    order["sku_order_list"][1]["after_sale_info"]["after_sale_status"] = 27
    assert standing(order).refusal == ""


@pytest.mark.parametrize(
    ("event", "left"),
    [
        ("ordinary", []),
        ("part_shipped", [{"shipped_order_id": "6900000000000000003", "shipped_num": 1}]),
        ("part_of_a_line", [{"shipped_order_id": "6900000000000000002", "shipped_num": 1}]),
        ("shipped", []),
    ],
)
def test_only_a_part_shipped_order_names_what_is_left(event: str, left: list[dict[str, Any]]) -> None:
    assert unshipped(row("douyin", event)) == left
