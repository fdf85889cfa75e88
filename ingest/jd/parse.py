"""A JD order becomes a snapshot. The only place that knows its field names (reference sheet 4.3, 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.fields import keys_of, receiver, rows, text
from ingest.jd.couriers import SLUGS
from ingest.kinds import by_words
from ingest.money import fen, fen_or_zero, pieces, shares
from ingest.snapshot import Effect, Kind, LineSnapshot, OrderSnapshot, Unreadable
from ingest.source import Record
from models.vault import Receiver

Row = Mapping[str, Any]

EFFECTS: Final = {
    "WAIT_SELLER_STOCK_OUT": Effect.ADMIT,
    "WAIT_SELLER_DELIVERY": Effect.ADMIT,
    "LOCKED": Effect.ADMIT,
    "PAUSE": Effect.ADMIT,
    "POP_ORDER_PAUSE": Effect.ADMIT,
    "WAIT_GOODS_RECEIVE_CONFIRM": Effect.SHIPPED,
    "FINISHED_L": Effect.SHIPPED,
    "TRADE_CANCELED": Effect.CANCELLED,
}

STATES: Final = {
    "WAIT_SELLER_STOCK_OUT": "等待出库",
    "WAIT_SELLER_DELIVERY": "等待发货",
    "LOCKED": "锁定",
    "PAUSE": "暂停",
    "POP_ORDER_PAUSE": "暂停",
    "WAIT_GOODS_RECEIVE_CONFIRM": "等待确认收货",
    "FINISHED_L": "完成",
    "TRADE_CANCELED": "取消",
}
"""The same states as people say them."""

# A refund before shipping shows in JD's orders only as a lock, and a lock may have other reasons.
HOLDS: Final = {
    "LOCKED": "平台锁定订单，可能有取消或退款申请",
    "PAUSE": "平台暂停发货",
    "POP_ORDER_PAUSE": "平台暂停发货",
}


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable. Memo, flag and address may have changed although `modified` has not."""
    row = record.body
    if "itemList" in row and "orderState" not in row:
        return _not_paid(record.external_id, row)
    state = text(row.get("orderState"))
    effect = EFFECTS.get(state)
    if effect is None:
        raise Unreadable(f"平台状态不认识：{state[:40] or '空'}")
    kind, evidence = _kind(row)
    place = row.get("consigneeInfo") or {}
    goods, post = fen_or_zero(row.get("orderTotalPrice"), "商品金额"), fen_or_zero(row.get("freightPrice"), "运费")
    paid = fen(row.get("orderPayment"), "实付金额")
    return OrderSnapshot(
        external_id=record.external_id,
        effect=effect,
        platform_status=STATES[state],
        created_at=required_moment(row.get("orderStartTime"), "下单时间"),
        modified_at=required_moment(row.get("modified"), "修改时间"),
        lines=_lines(row, _sold_for(row, max(0, paid - post)), shipped=effect is Effect.SHIPPED),
        paid_fen=paid,
        goods_fen=goods,
        post_fen=post,
        discount_fen=fen_or_zero(row.get("sellerDiscount"), "优惠金额"),
        paid_at=moment(row.get("paymentConfirmTime"), "付款时间"),
        kind=kind,
        kind_evidence=evidence,
        original_id=_parent(row),
        hold=_hold(row, state),
        buyer_key=text(row.get("open_id_buyer")),
        buyer_message=text(row.get("orderRemark")),
        seller_memo=text(row["venderRemark"]) if "venderRemark" in row else None,
        province=text(place.get("province")),
        city=text(place.get("city")),
        district=text(place.get("county")),
        town=text(place.get("town")),
        receiver=_receiver(place),
        waybill=text(row.get("waybill")).replace("|", ","),
        courier=courier_of(row),
    )


def _not_paid(number: str, row: Row) -> OrderSnapshot:
    """A row of the list of unpaid orders. It tells no prices, and regions by JD's numbers only.

    It counts as of its creation: what its own time of change means is not documented, and no version of an unpaid
    order may ever stand above the paid one."""
    created_at = required_moment(row.get("orderCreated") or row.get("created"), "下单时间")
    return OrderSnapshot(
        external_id=number,
        effect=Effect.UNPAID,
        platform_status="等待付款",
        created_at=created_at,
        modified_at=created_at,
        lines=_unpriced(row),
        paid_fen=0,
        original_id=_parent({"orderId": row.get("orderId"), "parentOrderId": row.get("parentId")}),
        buyer_key=text(row.get("open_id_buyer")),
    )


def _unpriced(row: Row) -> tuple[LineSnapshot, ...]:
    found = rows(row.get("itemList"), "商品明细")
    if not found:
        raise Unreadable("缺少商品明细")
    skus = [text(item.get("skuId")) for item in found]
    return tuple(
        LineSnapshot(
            line_key=key,
            sku="",
            platform_sku=sku,
            title=text(item.get("skuName")),
            quantity=pieces(item.get("num"), "商品数量"),
            price_fen=0,
            paid_fen=0,
        )
        for item, sku, key in zip(found, skus, keys_of([("", sku) for sku in skus]), strict=True)
    )


def courier_of(row: Row) -> str:
    """Several parcels have their ids joined by a bar; the first stands for all."""
    number = text(row.get("logisticsId")).split("|")[0]
    return SLUGS.get(number, number)


def _sold_for(row: Row, otherwise: int) -> int:
    """What the goods were sold for: JD does not divide it among the lines."""
    return fen(row["orderSellerPrice"], "成交金额") if row.get("orderSellerPrice") else otherwise


def _hold(row: Row, state: str) -> str:
    hold = HOLDS.get(state, "")
    why = row.get("pauseBizInfo")
    return f"{hold}：{why[:60]}" if hold and isinstance(why, str) and why else hold


def _parent(row: Row) -> str | None:
    """The order that this one was split from; "0" means none."""
    parent = text(row.get("parentOrderId"))
    return parent if parent not in ("", "0", text(row.get("orderId"))) else None


def _kind(row: Row) -> tuple[Kind, str]:
    if text(row.get("payType")).startswith("1-") or "货到付款" in text(row.get("payType")):
        return Kind.COD, "平台支付方式为货到付款"
    if text(row.get("returnOrder")) not in ("", "0"):
        # How JD shows replacements is not confirmed, so a person does.
        return Kind.PERHAPS_RESHIP, f"平台售后标识 returnOrder={text(row['returnOrder'])[:8]}"
    return by_words(text(row.get("venderRemark")))


def _lines(row: Row, sold_for: int, *, shipped: bool) -> tuple[LineSnapshot, ...]:
    found = rows(row.get("itemInfoList"), "商品明细")
    if not found:
        raise Unreadable("缺少商品明细")
    skus = [text(item.get("skuId")) for item in found]
    prices = [fen(item.get("jdPrice"), "商品单价") for item in found]
    counts = [pieces(item.get("itemTotal"), "商品数量") for item in found]
    paid = shares(sold_for, [price * count for price, count in zip(prices, counts, strict=True)])
    keys = keys_of([("", sku) for sku in skus])
    return tuple(
        LineSnapshot(
            line_key=keys[place],
            sku=text(item.get("outerSkuId")),
            platform_sku=skus[place],
            title=text(item.get("skuName")),
            quantity=counts[place],
            price_fen=prices[place],
            paid_fen=paid[place],
            shipped=shipped,
        )
        for place, item in enumerate(found)
    )


def _receiver(place: Row) -> Receiver:
    return receiver(
        name=text(place.get("fullname")),
        phone=text(place.get("mobile")) or text(place.get("telephone")),
        address=text(place.get("fullAddress")),
    )
