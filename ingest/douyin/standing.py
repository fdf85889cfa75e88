"""How an order stands before the platform is told of a shipment (reference sheet 6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ingest.douyin.aftersale import overlay, refund_of
from ingest.douyin.parse import PAID, effect_of, is_shipped, lines_of, order_status
from ingest.fields import rows, text
from ingest.money import pieces
from ingest.shipping import Standing
from ingest.snapshot import Effect, Unreadable

Row = Mapping[str, Any]


def standing(order: Row) -> Standing:
    try:
        return _standing(order)
    except Unreadable as error:
        return Standing(shipped=False, refusal=str(error))


def unshipped(order: Row, named: Collection[str] = ()) -> list[dict[str, Any]]:
    """What is still to ship of an order of which a part has left, or leaves now (`named`): lines and pieces, as the
    platform wants them named; empty for one that is whole. Raises Unreadable."""
    lines = lines_of(order)
    parcels = rows(order.get("logistics_info"), "物流信息")
    gone = [_gone(line, parcels) for line in lines]
    if not named and not any(gone):
        return []
    return [
        {"shipped_order_id": text(line.get("order_id")), "shipped_num": left}
        for line, away in zip(lines, gone, strict=True)
        if (left := pieces(line.get("item_num"), "商品数量") - away) > 0
        and refund_of(line) != "refunded"
        and (not named or text(line.get("order_id")) in named)
    ]


def _standing(order: Row) -> Standing:
    status, effect = order_status(order), effect_of(order)
    if effect is Effect.SHIPPED:
        return Standing(shipped=True, waybills=_waybills(order))
    if effect is Effect.CANCELLED:
        return Standing(shipped=False, refusal="抖店订单已取消或已退款，不能发货")
    if effect is Effect.UNPAID:
        return Standing(shipped=False, refusal="抖店订单还没有付清，不能发货")
    if status == PAID:
        return Standing(shipped=False, refusal="抖店订单还没转为待发货（拼团或风控审核中），不能发货")
    waybills = _waybills(order)
    if overlay([refund for line in lines_of(order) if (refund := refund_of(line)) != "refused"]) == "asked":
        return Standing(shipped=False, waybills=waybills, refusal="抖店订单有商品退款中，请先处理退款")
    return Standing(shipped=False, waybills=waybills)


def _waybills(order: Row) -> tuple[str, ...]:
    parcels = rows(order.get("logistics_info"), "物流信息")
    return tuple(number for parcel in parcels if (number := text(parcel.get("tracking_no"))))


def _gone(line: Row, parcels: Sequence[Row]) -> int:
    """How many pieces of a line have left."""
    if is_shipped(line):
        return pieces(line.get("item_num"), "商品数量")
    number = text(line.get("order_id"))
    inside = [item for parcel in parcels for item in rows(parcel.get("product_info"), "包裹商品")]
    return sum(
        pieces(item.get("product_count"), "发货数量") for item in inside if text(item.get("sku_order_id")) == number
    )
