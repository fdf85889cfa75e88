"""旺店通's rows as stock levels and shipments. The only place that knows its field names (reference sheet 14.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.erp.numbers import whole
from ingest.erp.reading import courier_slug
from ingest.erp.source import ErpShipment, ErpState, StockLevel
from ingest.fields import text
from ingest.snapshot import Unreadable

Row = Mapping[str, Any]

_WORDS: Final = {
    4: "已取消（可恢复）",
    5: "已取消",
    53: "推送失败",
    55: "已推送仓库",
    95: "已发货",
    110: "已完成",
    113: "异常发货",
}
_CANCELLED: Final = (4, 5)
_QUESTION: Final = (53, 113)
_SHIPPED: Final = 95  # and what comes after it


def is_sound(row: Row) -> bool:
    """Defective goods lie beside the others under the same code; nobody is sent them."""
    return text(row.get("defect")) not in ("1", "true", "True")


def level(row: Row) -> StockLevel:
    """What its orders hold is what its two figures differ by. Raises Unreadable."""
    sku = text(row.get("spec_no"))
    if not sku:
        raise Unreadable("缺少商家编码")
    on_hand = whole(row.get("stock_num"), "库存量")
    # Spelled "avaliable_num" in the enterprise edition.
    left = next((row[key] for key in ("available_num", "avaliable_num") if key in row), None)
    held = on_hand - whole(left, "可用库存") if left is not None else whole(row.get("stock_lock_num"), "锁定量")
    return StockLevel(
        sku=sku,
        on_hand=on_hand,
        held=max(held, 0),
        incoming=whole(row.get("purchase_in_transit_num"), "采购在途量"),
        warehouse=text(row.get("warehouse_no")) or text(row.get("warehouse_id")),
    )


def shipment(row: Row) -> ErpShipment:
    """Raises Unreadable."""
    status = whole(row.get("status"), "出库单状态")
    state = _state(status)
    return ErpShipment(
        number=_number(row),
        shop=text(row.get("shop_no")) or text(row.get("shop_id")),
        orders=_orders(row),
        state=state,
        words=_WORDS.get(status, "仓库处理中"),
        modified_at=required_moment(row.get("modified"), "修改时间"),
        courier=courier_slug(row.get("logistics_name"), row.get("logistics_type_name")),
        waybill=text(row.get("logistics_no")),
        shipped_at=moment(row.get("consign_time"), "发货时间") if state is ErpState.SHIPPED else None,
    )


def _state(status: int) -> ErpState:
    if status in _CANCELLED:
        return ErpState.CANCELLED
    if status in _QUESTION:
        return ErpState.QUESTION
    return ErpState.SHIPPED if status >= _SHIPPED else ErpState.OPEN


def _number(row: Row) -> str:
    number = text(row.get("order_no")) or text(row.get("stockout_id"))
    if not number:
        raise Unreadable("旺店通出库单没有单号")
    return number


def _orders(row: Row) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part for one in text(row.get("src_tids")).split(",") if (part := one.strip())))
    if not found:
        raise Unreadable("旺店通出库单没有平台单号")
    return found
