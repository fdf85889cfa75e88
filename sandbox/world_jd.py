"""An order as JD shows it: numbers are text, and the year 1 means "no value"."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sandbox.clock import BEIJING
from sandbox.world_order import OPEN, Order, Status
from sandbox.world_people import jd_cipher, jd_phone

Row = dict[str, object]

NEVER = "0001-01-01 00:00:00"
STATES = {
    "WAIT_SELLER_STOCK_OUT": "等待出库",
    "WAIT_GOODS_RECEIVE_CONFIRM": "等待确认收货",
    "WAIT_SELLER_DELIVERY": "等待发货",
    "FINISHED_L": "完成",
    "TRADE_CANCELED": "取消",
    "LOCKED": "已锁定",
    "PAUSE": "暂停",
    "POP_ORDER_PAUSE": "POP暂停",
}
OF_STATUS = {Status.SHIPPED: "WAIT_GOODS_RECEIVE_CONFIRM", Status.DONE: "FINISHED_L"}
SUFFIXES = ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省")


def clock_text(at: datetime | None) -> str:
    return NEVER if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def state_of(order: Order) -> str | None:
    """None while the order is unpaid, or was closed unpaid: the search knows only what may be produced."""
    if order.paid_at is None:
        return None
    if order.status is Status.CANCELLED:
        return "TRADE_CANCELED"
    if order.status in OPEN:
        if order.refunding:
            return "LOCKED"
        return "POP_ORDER_PAUSE" if order.hold else "WAIT_SELLER_STOCK_OUT"
    return OF_STATUS.get(order.status)


def order_row(order: Order, vender: str) -> Row:
    state = state_of(order) or ""
    return {
        "orderId": order.id,
        "orderType": "22",
        "orderState": state,
        "orderStateRemark": STATES.get(state, ""),
        "venderId": vender,
        "parentOrderId": order.parent_id or "0",
        "directParentOrderId": order.parent_id or "0",
        "orderTotalPrice": yuan(order.total_fen),
        "orderSellerPrice": yuan(order.total_fen - order.discount_fen),
        "orderPayment": yuan(order.paid_fen),
        "freightPrice": yuan(order.post_fen),
        "sellerDiscount": yuan(order.discount_fen),
        "balanceUsed": "0.00",
        "payType": "4-在线支付",
        "orderStartTime": clock_text(order.created_at),
        "paymentConfirmTime": clock_text(order.paid_at),
        "modified": clock_text(order.modified_at),
        "orderEndTime": clock_text(order.ended_at),
        "deliveryType": "任意时间",
        "orderRemark": order.buyer_message,
        "venderRemark": order.memo,
        "waybill": order.waybill,
        "logisticsId": order.company,
        "storeOrder": "",
        "returnOrder": "0",
        "open_id_buyer": "o" + jd_cipher("buyer", vender, order.buyer.key)[4:28],
        "sendpayMap": json.dumps({"1": "1"}),
        "pauseBizInfo": "商家申请暂停" if state == "POP_ORDER_PAUSE" else "",
        "consigneeInfo": _consignee(order),
        "itemInfoList": _items(order),
        "couponDetailList": _coupons(order),
    }


def _consignee(order: Order) -> Row:
    place = order.address
    return {
        "fullname": jd_cipher("name", order.id, order.buyer.name),
        "mobile": jd_phone(order.buyer.phone),
        "telephone": jd_phone(order.buyer.phone),
        "fullAddress": jd_cipher("address", order.id, place.town, place.detail),
        "province": _province(place.province),
        "provinceId": "15",
        "city": place.city,
        "county": place.district,
        "town": place.town,
    }


def _province(name: str) -> str:
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name


def _items(order: Order) -> list[Row]:
    return [
        {
            "skuId": str(100_000_000_000 + line.sku.number),
            "outerSkuId": line.sku.code,
            "skuName": f"{line.sku.title} {line.sku.option}",
            "jdPrice": yuan(line.price_fen),
            "itemTotal": str(line.quantity),
            "wareId": str(10_000_000_000 + line.sku.product_number),
            "giftPoint": "0",
        }
        for line in order.lines
    ]


def _coupons(order: Order) -> list[Row]:
    if not order.discount_fen:
        return []
    return [{"orderId": order.id, "couponType": "100-店铺优惠", "couponPrice": yuan(order.discount_fen)}]


def unpaid_row(order: Order, vender: str) -> Row:
    """A row of the list of unpaid orders: names, types and what is left out are this list's own."""
    return {
        "id": int(order.id),
        "orderId": int(order.id),
        "venderId": int(vender),
        "payment": order.paid_fen,
        "orderType": 22,
        "parentId": int(order.parent_id or 0),
        "orderCreated": clock_text(order.created_at),
        "created": clock_text(order.created_at),
        "modified": clock_text(order.modified_at),
        "status": 1,
        "userName": jd_cipher("name", order.id, order.buyer.name),
        "address": jd_cipher("address", order.id, order.address.town, order.address.detail),
        "desen_mobile": jd_phone(order.buyer.phone),
        "open_id_buyer": "o" + jd_cipher("buyer", vender, order.buyer.key)[4:28],
        "itemList": [
            {
                "orderId": int(order.id),
                "venderId": int(vender),
                "skuId": 100_000_000_000 + line.sku.number,
                "skuName": f"{line.sku.title} {line.sku.option}",
                "num": line.quantity,
                "created": clock_text(order.created_at),
                "modified": clock_text(order.modified_at),
            }
            for line in order.lines
        ],
    }


def asked_only(row: Row, optional_fields: Collection[str]) -> Row:
    return {name: value for name, value in row.items() if name in optional_fields}
