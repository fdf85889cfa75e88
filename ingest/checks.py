"""What no order can say, whatever its marketplace: asked of every snapshot before it is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ingest.beijing import beijing_text
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import MADE_UP

LONGEST: Final = 200  # characters of a number or code; the longest that platforms have is 64
AHEAD: Final = timedelta(days=1)  # of the platform's clock; more than any clock or zone explains

_TIMES: Final = {"created_at": "创建时间", "modified_at": "修改时间", "paid_at": "付款时间", "shipped_at": "发货时间"}


def checked(order: OrderSnapshot, latest: datetime) -> OrderSnapshot:
    """The order as it came. Raises Unreadable for an order without a number, for a number or code that no index can
    hold, and for what happened after `latest`: such an order could never be overtaken by its own later versions."""
    if order.external_id.startswith(MADE_UP):
        raise Unreadable("没有订单号，或订单号看不懂")
    _short(order.external_id, "订单号")
    if order.original_id is not None:
        _short(order.original_id, "关联订单号")
    for line in order.lines:
        _short(line.line_key, "商品行号")
        _short(line.sku, "商家编码")
        _short(line.platform_sku, "平台商品编码")
    for name, label in _TIMES.items():
        at = getattr(order, name)
        if at is not None and at > latest:
            raise Unreadable(f"{label}在将来：{beijing_text(at)}")
    return order


def _short(code: str, label: str) -> None:
    if len(code) > LONGEST:
        raise Unreadable(f"{label}太长（{len(code)} 个字符）：{code[:20]}…")
