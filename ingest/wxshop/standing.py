"""What WeChat Shop shows of an order to whoever wants to ship it or to note something on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ingest.fields import joined, text
from ingest.http import transient
from ingest.shipping import Standing
from ingest.snapshot import Effect, Unreadable
from ingest.wxshop.goods import goods_of, parcels_of, part
from ingest.wxshop.parse import EFFECTS, hold_of, line_keys, status_of


def standing(order: Mapping[str, Any]) -> Standing:
    """Raises PlatformError."""
    try:
        return _standing(order)
    except Unreadable as error:
        raise transient("no-standing", str(error)) from None


def left_to_ship(order: Mapping[str, Any], named: Collection[str] = ()) -> list[dict[str, Any]]:
    """The goods that neither left nor were refunded, or of these the lines that are `named`, as a parcel names them.
    Raises PlatformError."""
    try:
        goods = goods_of(order)
    except Unreadable as error:
        raise transient("no-goods", str(error)) from None
    return [
        {
            "product_id": text(each.told.get("product_id")),
            "sku_id": text(each.told.get("sku_id")),
            "product_cnt": each.left,
        }
        for each, key in zip(goods, line_keys(goods), strict=True)
        if each.left and (not named or key in named)
    ]


def notes_of(order: Mapping[str, Any]) -> str:
    """Raises PlatformError."""
    try:
        detail = part(order, "order_detail", "订单详情")
        return text(part(detail, "ext_info", "备注").get("merchant_notes"))
    except Unreadable as error:
        raise transient("no-notes", str(error)) from None


def _standing(order: Mapping[str, Any]) -> Standing:
    delivery = part(part(order, "order_detail", "订单详情"), "delivery_info", "物流信息")
    effect = EFFECTS[status_of(order)]
    if effect is Effect.SHIPPED:
        return Standing(shipped=True, waybills=_waybills(delivery))
    if effect is Effect.CANCELLED:
        return Standing(shipped=False, refusal="微信小店订单已取消，不能发货")
    if effect is Effect.UNPAID:
        return Standing(shipped=False, refusal="微信小店订单还没有付款成交，不能发货")
    hold = hold_of(delivery, goods_of(order))
    refusal = f"微信小店订单暂不能发货：{hold}" if hold else ""
    return Standing(shipped=False, waybills=_waybills(delivery), refusal=refusal)


def _waybills(delivery: Mapping[str, Any]) -> tuple[str, ...]:
    waybills = joined(text(parcel.get("waybill_id")) for parcel in parcels_of(delivery))
    return tuple(waybills.split(",")) if waybills else ()
