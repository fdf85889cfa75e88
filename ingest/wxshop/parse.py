"""A WeChat Shop order becomes a snapshot. The only place, with standing.py, that knows its field names (reference sheet
7, 8, 12; the platform's page of order/get)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.couriers import slug_of
from ingest.fields import joined, keys_of, receiver, rows, text
from ingest.kinds import by_words
from ingest.money import whole_fen, whole_fen_or_zero
from ingest.snapshot import Effect, Kind, LineSnapshot, OrderSnapshot, Unreadable
from ingest.source import Record
from ingest.wxshop import aftersale
from ingest.wxshop.goods import Goods, cases_of, count, goods_of, parcels_of, part
from models.vault import Receiver

Row = Mapping[str, Any]

EFFECTS: Final = {
    10: Effect.UNPAID,
    12: Effect.UNPAID,
    13: Effect.UNPAID,
    20: Effect.ADMIT,
    21: Effect.ADMIT,
    30: Effect.SHIPPED,
    100: Effect.SHIPPED,
    190: Effect.CANCELLED,
    200: Effect.CANCELLED,
    250: Effect.CANCELLED,
}
STATES: Final = {
    10: "待付款",
    12: "礼物待收下",
    13: "凑团中",
    20: "待发货",
    21: "部分发货",
    30: "待收货",
    100: "已完成",
    190: "售后完成，已取消",  # its exact wording is not confirmed
    200: "全部退款，已取消",
    250: "未付款，已取消",
}
"""The same states as people say them."""

_PRESALE: Final = 1  # stock_type
_VIRTUAL: Final = frozenset({1, 3})  # deliver_method
_LOTTERY: Final = 3  # payment_method
_SKU_CHANGE_ASKED: Final = 3


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable."""
    row = record.body
    if record.body.keys() == {"order_id"}:
        raise Unreadable("微信小店列出了这个订单，但不让读取")
    detail = part(row, "order_detail", "订单详情")
    price, delivery = part(detail, "price_info", "金额"), part(detail, "delivery_info", "物流信息")
    notes, pay = part(detail, "ext_info", "备注"), part(detail, "pay_info", "支付信息")
    status, effect = _effect(row, delivery)
    goods = goods_of(row)
    lines = _lines(goods, shipped=effect is Effect.SHIPPED)
    paid, worth, post = _money(price)
    memo = text(notes.get("merchant_notes"))
    kind, evidence = _kind(row, goods, memo)
    parcels = parcels_of(delivery)
    place = part(delivery, "address_info", "收货地址")
    return OrderSnapshot(
        external_id=record.external_id,
        effect=effect,
        platform_status=STATES[status],
        created_at=required_moment(row.get("create_time"), "创建时间"),
        modified_at=required_moment(row.get("update_time"), "修改时间"),
        lines=lines,
        paid_fen=paid,
        goods_fen=worth,
        post_fen=post,
        discount_fen=max(0, worth + post - paid),
        paid_at=moment(pay.get("pay_time"), "付款时间"),
        ship_by_at=_ship_by(goods, lines) if effect is Effect.ADMIT else None,
        shipped_at=_shipped_at(delivery, parcels),
        kind=kind,
        kind_evidence=evidence,
        hold=hold_of(delivery, goods) if effect is Effect.ADMIT else "",
        refund=_refund(row, goods),
        buyer_key=text(row.get("openid")),
        buyer_message=text(notes.get("customer_notes")),
        seller_memo=memo,
        province=text(place.get("province_name")),
        city=text(place.get("city_name")),
        district=text(place.get("county_name")),
        receiver=_receiver(place, text(delivery.get("ewaybill_order_code"))),
        receiver_key=text(place.get("hash_code")),
        after_sale=aftersale.reason_of(cases_of(row)),
        waybill=joined(text(parcel.get("waybill_id")) for parcel in parcels),
        courier=slug_of(next((name for parcel in parcels if (name := _courier(parcel))), "")),
    )


def hold_of(delivery: Row, goods: Sequence[Goods]) -> str:
    """Why it must not be shipped now, in Chinese; "" if it may."""
    if part(delivery, "address_under_review", "审核中的地址"):
        return "买家申请修改收货地址，平台审核中"
    if any(each.asked for each in goods):
        return "有商品售后中"
    changes = [part(each.told, "change_sku_info", "换款信息") for each in goods]
    if any(_number(change, "preshipment_change_sku_state") == _SKU_CHANGE_ASKED for change in changes):
        return "买家申请发货前换款，等待商家处理"
    return ""


def status_of(row: Row) -> int:
    """Raises Unreadable."""
    status = _number(row, "status")
    if status not in EFFECTS:
        raise Unreadable(f"平台状态不认识：{text(row.get('status'))[:40] or '空'}")
    return status


def _number(row: Row, name: str) -> int | None:
    digits = text(row.get(name))
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


def _effect(row: Row, delivery: Row) -> tuple[int, Effect]:
    status = status_of(row)
    effect = EFFECTS[status]
    # Refunded after it had left: the refund is an overlay, what was shipped stays shipped.
    if effect is Effect.CANCELLED and delivery.get("ship_done_time"):
        return status, Effect.SHIPPED
    return status, effect


def _money(price: Row) -> tuple[int, int, int]:
    """(paid, goods, postage), in fen as the platform tells them."""
    freight = "change_freight" if price.get("is_change_freight") is True else "freight"
    return (
        whole_fen(price.get("order_price"), "实付金额"),
        whole_fen_or_zero(price.get("product_price"), "商品金额"),
        whole_fen_or_zero(price.get(freight), "运费"),
    )


def _lines(goods: Sequence[Goods], *, shipped: bool) -> tuple[LineSnapshot, ...]:
    if not goods:
        raise Unreadable("缺少商品明细")
    return tuple(_line(each, key, shipped=shipped) for each, key in zip(goods, line_keys(goods), strict=True))


def line_keys(goods: Sequence[Goods]) -> list[str]:
    """By which the lines of an order are known."""
    return keys_of([(text(each.told.get("product_unique_id")), text(each.told.get("sku_id"))) for each in goods])


def _line(goods: Goods, key: str, *, shipped: bool) -> LineSnapshot:
    product = goods.told
    return LineSnapshot(
        line_key=key,
        sku=text(product.get("sku_code")) or text(product.get("out_sku_id")),
        platform_sku=text(product.get("sku_id")) or text(product.get("product_id")),
        title=text(product.get("title")),
        quantity=goods.quantity,
        price_fen=whole_fen(product.get("sale_price"), "商品单价"),
        paid_fen=whole_fen_or_zero(product.get("real_price"), "商品实付"),
        spec=" ".join(text(each.get("attr_value")) for each in rows(product.get("sku_attrs"), "规格")),
        refund=goods.refund,
        shipped=shipped or bool(goods.packed and not goods.left),
    )


def _refund(row: Row, goods: Sequence[Goods]) -> str:
    """The order's overlay: an open question first, then how much is refunded."""
    open_cases = count(part(row, "aftersale_detail", "售后信息"), "on_aftersale_order_cnt")
    if open_cases > len(aftersale.open_exchanges(cases_of(row))) or any(each.asked for each in goods):
        return "asked"
    if all(each.refund == "refunded" for each in goods):
        return "refunded"
    return "part" if any(each.refunded for each in goods) else ""


def _kind(row: Row, goods: Sequence[Goods], memo: str) -> tuple[Kind, str]:
    detail = part(row, "order_detail", "订单详情")
    kind, evidence = aftersale.kind_of(cases_of(row))
    if kind is not Kind.NORMAL:
        return kind, evidence
    if _number(part(detail, "delivery_info", "物流信息"), "deliver_method") in _VIRTUAL:
        return Kind.VIRTUAL, "平台标为无需物流的订单"
    if _number(part(detail, "pay_info", "支付信息"), "payment_method") == _LOTTERY:
        return Kind.LOTTERY, "平台支付方式为抽奖商品"
    terms = [part(each.told, "sku_deliver_info", "发货信息") for each in goods]
    if any(_number(term, "stock_type") == _PRESALE for term in terms):
        return Kind.PRESALE, "平台标为全款预售"
    return by_words(memo)


def _ship_by(goods: Sequence[Goods], lines: Sequence[LineSnapshot]) -> datetime | None:
    """The earliest promise among the lines still to ship. Of two promises shown the shorter one counts."""
    promised = []
    for each, line in zip(goods, lines, strict=True):
        if line.shipped or line.refund == "refunded":
            continue
        terms = part(each.told, "sku_deliver_info", "发货信息")
        told = (each.told.get("delivery_deadline"), terms.get("predict_delivery_time"))
        promised += [at for value in told if (at := moment(value, "发货时限"))]
    return min(promised, default=None)


def _shipped_at(delivery: Row, parcels: Sequence[Row]) -> datetime | None:
    left = [at for parcel in parcels if (at := moment(parcel.get("delivery_time"), "发货时间"))]
    return moment(delivery.get("ship_done_time"), "发货时间") or max(left, default=None)


def _courier(parcel: Row) -> str:
    return text(parcel.get("delivery_name")) or text(parcel.get("delivery_id"))


def _receiver(place: Row, waybill_code: str) -> Receiver:
    """Masked until somebody has the platform decode it. A virtual number is the platform's, not the buyer's, and ends:
    it is kept among the ciphertexts and never taken for a phone."""
    virtual = _number(place, "use_tel_number") == 1
    phone = text(place.get("tel_number"))
    cipher = {"ewaybill_order_code": waybill_code, "virtual_phone": phone if virtual else ""}
    return receiver(
        name=text(place.get("user_name")),
        phone="" if virtual else phone,
        address=" ".join(filter(None, (text(place.get("detail_info")), text(place.get("house_number"))))),
        cipher={name: value for name, value in cipher.items() if value},
    )
