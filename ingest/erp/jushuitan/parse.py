"""聚水潭's rows as stock levels and shipments. The only place that knows its field names (reference sheet 14.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.erp.numbers import whole
from ingest.erp.reading import courier_slug
from ingest.erp.source import ErpShipment, ErpState, StockLevel
from ingest.fields import rows, text
from ingest.snapshot import Unreadable

Row = Mapping[str, Any]

_STATES: Final = {
    "WaitPay": (ErpState.OPEN, "待付款"),
    "WaitConfirm": (ErpState.OPEN, "待审核"),
    "WaitFConfirm": (ErpState.OPEN, "待财审"),
    "Delivering": (ErpState.OPEN, "发货中"),
    "WaitOuterSent": (ErpState.OPEN, "等供销商或外仓发货"),
    "Question": (ErpState.QUESTION, "异常"),
    "Merged": (ErpState.GONE, "被合并"),
    "Split": (ErpState.GONE, "被拆分"),
    "Sent": (ErpState.SHIPPED, "已发货"),
    "Cancelled": (ErpState.CANCELLED, "已取消"),
}


def level(row: Row) -> StockLevel:
    """Raises Unreadable."""
    sku = text(row.get("sku_id"))
    if not sku:
        raise Unreadable("缺少商品编码")
    return StockLevel(
        sku=sku,
        on_hand=whole(row.get("qty"), "实际库存"),
        held=whole(row.get("order_lock"), "订单占有数") + whole(row.get("lock_qty"), "锁定数"),
        incoming=whole(row.get("purchase_qty"), "采购在途数"),
    )


def version(row: Row) -> int:
    """The row's version, which only grows. Raises Unreadable."""
    return whole(row.get("ts"), "行版本")


def shipment(row: Row) -> ErpShipment:
    """Raises Unreadable."""
    state, words = _state(row)
    return ErpShipment(
        number=text(row.get("o_id")),
        shop=text(row.get("shop_id")),
        orders=_orders(row),
        state=state,
        words=words,
        modified_at=required_moment(row.get("modified"), "修改时间"),
        courier=courier_slug(row.get("logistics_company")),
        waybill=text(row.get("l_id")),
        shipped_at=moment(row.get("send_date"), "发货时间") if state is ErpState.SHIPPED else None,
    )


def _state(row: Row) -> tuple[ErpState, str]:
    code = text(row.get("status"))
    if code not in _STATES:
        raise Unreadable(f"聚水潭订单状态不认识：{code[:40] or '空'}")
    state, words = _STATES[code]
    why = [text(row.get(key)) for key in ("question_type", "question_desc") if text(row.get(key))]
    return state, f"{words}：{'，'.join(why)}"[:120] if state is ErpState.QUESTION and why else words


def _orders(row: Row) -> tuple[str, ...]:
    """A merged order's lines keep the numbers that they came with."""
    lines = [text(line.get("raw_so_id")) for line in rows(row.get("items"), "商品明细")]
    found = dict.fromkeys(number for number in [*lines, text(row.get("so_id"))] if number)
    if not found or not text(row.get("o_id")):
        raise Unreadable("聚水潭订单没有单号")
    return tuple(found)
