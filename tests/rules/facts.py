"""Facts of an order with nothing wrong; override what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from models.stages import Stage
from rules.facts import LineFacts, OrderFacts

NOW: Final = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Beijing


def facts(**changes: Any) -> OrderFacts:
    values: dict[str, Any] = {
        "order_id": 1, "stage": Stage.PENDING_REVIEW, "stage_entered_at": NOW - timedelta(minutes=10),
        "created_at": NOW - timedelta(minutes=12), "lines": (line(),), "stage_limit": timedelta(hours=2),
        "province": "浙江省", "city": "杭州市", "district": "西湖区", "address_seen": "紫金花路 88 号 3 幢 1201",
        "address_whole": True, "name_known": True, "phone_known": True,
    }  # fmt: skip
    return OrderFacts(**{**values, **changes})


def line(**changes: Any) -> LineFacts:
    values: dict[str, Any] = {"sku": "QH-CUP-RED", "title": "马克杯", "quantity": 2, "on_hand": 10}
    return LineFacts(**{**values, **changes})
