"""How often POP lets an application call (reference sheet 5.3, 5.6)."""

from __future__ import annotations

from typing import Final

from ingest.budget import MINUTE, SECOND, Limit
from ingest.gate import Party

PARTY: Final = Party("pdd", "拼多多接口")
LIMITS: Final = (
    Limit(3_000, MINUTE, "pdd.order.number.list.increment.get"),
    # Of one shop. Counted for the application: two shops of one application never need as much.
    Limit(10_000, MINUTE, "pdd.order.list.get"),
    Limit(30_000, MINUTE, "pdd.order.information.get"),
    Limit(2_000, SECOND, "pdd.order.information.get"),
)
