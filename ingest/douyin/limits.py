"""How often Douyin lets an application call (reference sheet 6)."""

from __future__ import annotations

from typing import Final

from ingest.budget import SECOND, Limit
from ingest.gate import Party

PARTY: Final = Party("douyin", "抖店接口")
LIMITS: Final = (
    Limit(600, SECOND, "order.searchList"),
    Limit(900, SECOND, "order.orderDetail"),
    Limit(500, SECOND, "afterSale.List"),
)
