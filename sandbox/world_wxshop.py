"""An order as WeChat Shop shows it: money in fen, times in seconds, receivers masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.world_couriers import COURIERS, Courier
from sandbox.world_order import OPEN, Line, Order, Refund, Status
from sandbox.world_people import digits_of, opaque

Row = dict[str, object]

STATUS: Mapping[Status, int] = {
    Status.UNPAID: 10,
    Status.DEPOSIT: 10,
    Status.GROUPING: 13,
    Status.TO_SHIP: 20,
    Status.PART_SHIPPED: 21,
    Status.SHIPPED: 30,
    Status.DONE: 100,
}
CODES: Mapping[str, str] = {
    "SF": "顺丰速运",
    "ZTO": "中通快递",
    "YTO": "圆通速递",
    "STO": "申通快递",
    "YD": "韵达快递",
    "EMS": "EMS",
    "YZPY": "邮政快递包裹",
    "JD": "京东快递",
    "DBL": "德邦快递",
    "OTHERS": "其他",
}
BY_WX: Mapping[str, Courier] = {
    code: next(courier for courier in COURIERS if courier.name == name) for code, name in CODES.items()
}
BY_NAME: Mapping[str, str] = {name: code for code, name in CODES.items()}


EXCHANGE = 14  # Order.after_sales, in the numbers of the world
OPEN_CASE = "MERCHANT_PROCESSING"
STATES: Mapping[Refund, str] = {
    Refund.ASKED: OPEN_CASE,
    Refund.PAID: "MERCHANT_REFUND_SUCCESS",
    Refund.CLOSED: "USER_CANCELD",  # the platform's own spelling
}


@dataclass(frozen=True, slots=True)
class Case:
    """An after-sale of one line."""

    number: str
    index: int
    sort: str
    state: str


def seconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())


def status_of(order: Order) -> int:
    if order.status is Status.CANCELLED:
        return 250 if order.paid_at is None else 200
    return STATUS[order.status]


def product_ids(line: Line) -> tuple[str, str]:
    return str(10_000_000_000_000 + line.sku.product_number), str(2_800_000_000 + line.sku.number)


def order_row(order: Order) -> Row:
    return {
        "order_id": order.id,
        "status": status_of(order),
        "create_time": seconds(order.created_at),
        "update_time": seconds(order.modified_at),
        "openid": "o" + opaque("openid", order.buyer.key, length=13).hex(),
        "order_detail": {
            "product_infos": [_product(order, index) for index in range(len(order.lines))],
            "pay_info": _pay(order),
            "price_info": _price(order),
            "delivery_info": _delivery(order),
            "ext_info": {"customer_notes": order.buyer_message, "merchant_notes": order.memo},
        },
        "aftersale_detail": {
            "on_aftersale_order_cnt": sum(case.state == OPEN_CASE for case in cases_of(order)),
            "aftersale_order_list": [{"aftersale_order_id": case.number} for case in cases_of(order)],
        },
    }


def _product(order: Order, index: int) -> Row:
    line = order.lines[index]
    product_id, sku_id = product_ids(line)
    paid, _ = order.share_fen()[index]
    presale = order.not_before is not None
    row: Row = {
        "product_id": product_id,
        "sku_id": sku_id,
        "title": line.sku.title,
        "sku_cnt": line.quantity,
        "sale_price": line.price_fen,
        "market_price": line.price_fen,
        "real_price": paid,
        "sku_code": line.sku.code,
        "out_product_id": line.sku.product,
        "sku_attrs": [{"attr_key": "款式", "attr_value": line.sku.option}],
        "on_aftersale_sku_cnt": sum(
            line.quantity for case in cases_of(order) if case.index == index and case.state == OPEN_CASE
        ),
        "finish_aftersale_sku_cnt": line.quantity if line.refund is Refund.PAID else 0,
        "sku_deliver_info": {"stock_type": int(presale), "full_payment_presale_delivery_type": 0},
        "delivery_deadline": seconds(order.promise_at),
        "product_unique_id": f"{order.id}_{index + 1:03d}",
    }
    if presale:
        row["sku_deliver_info"] = {"stock_type": 1, "predict_delivery_time": seconds(order.promise_at)}
    return row


def cases_of(order: Order) -> list[Case]:
    """One for each line that was asked back, and one for an exchange, which is of the first line."""
    numbers = [f"{order.id[-12:]}{index:04d}" for index in range(len(order.lines))]
    found = [
        Case(numbers[index], index, "REFUND", STATES[line.refund])
        for index, line in enumerate(order.lines)
        if line.refund is not Refund.NONE
    ]
    if order.after_sales == EXCHANGE:
        found.append(Case(numbers[0], 0, "EXCHANGE", OPEN_CASE))
    return found


def case_row(order: Order, case: Case) -> Row:
    line, at = order.lines[case.index], seconds(order.after_sale_at or order.ended_at or order.modified_at)
    product_id, sku_id = product_ids(line)
    return {
        "after_sale_order_id": case.number,
        "order_id": order.id,
        "type": case.sort,
        "status": case.state,
        "product_info": {"product_id": product_id, "sku_id": sku_id, "count": line.quantity},
        "refund_info": {"amount": order.share_fen()[case.index][0] if case.sort == "REFUND" else 0},
        "reason": "NO_LONGER_WANT",
        "reason_text": "不想要了",
        "create_time": at,
        "update_time": at,
    }


def _pay(order: Order) -> Row:
    if order.paid_at is None:
        return {"payment_method": 1, "prepay_id": "", "pay_time": 0, "transaction_id": ""}
    return {
        "payment_method": 3 if order.lottery else 1,
        "prepay_id": digits_of("prepay", order.id, count=12),
        "prepay_time": seconds(order.paid_at),
        "pay_time": seconds(order.paid_at),
        "transaction_id": f"4300000000{digits_of('pay', order.id, count=18)}",
    }


def _price(order: Order) -> Row:
    return {
        "product_price": order.total_fen,
        "order_price": order.paid_fen,
        "freight": order.post_fen,
        "discounted_price": order.discount_fen,
        "is_discounted": order.discount_fen > 0,
    }


def _delivery(order: Order) -> Row:
    address = _address(order)
    row: Row = {
        "address_info": address,
        "delivery_product_info": _parcels(order),
        "ship_done_time": seconds(order.shipped_at),
        "deliver_method": 0,
        "ewaybill_order_code": opaque("ewaybill", order.id, length=24).hex() if order.status in OPEN else "",
    }
    if order.hold and order.status in OPEN:
        row["address_under_review"] = address
    return row


def _parcels(order: Order) -> list[Row]:
    """One for each waybill, with what lies in it."""
    parcels: dict[str, Row] = {}
    for line in order.lines:
        if line.shipped_at is None:
            continue
        product_id, sku_id = product_ids(line)
        parcel = parcels.setdefault(line.waybill, {
            "waybill_id": line.waybill,
            "delivery_id": BY_NAME.get(line.company, "OTHERS"),
            "delivery_name": line.company,
            "delivery_time": seconds(line.shipped_at),
            "deliver_type": 1,
            "product_infos": [],
        })  # fmt: skip
        goods = parcel["product_infos"]
        if isinstance(goods, list):
            goods.append({"product_id": product_id, "sku_id": sku_id, "product_cnt": line.quantity})
    return list(parcels.values())


def _address(order: Order) -> Row:
    place, name, phone = order.address, order.buyer.name, order.buyer.phone
    where = (name, phone, place.province, place.city, place.district, place.town, place.detail)
    virtual = int(digits_of("virtual", order.id, count=3)) % 4 == 0
    return {
        "user_name": f"{name[0]}**",
        "postal_code": "",
        "province_name": place.province,
        "city_name": place.city,
        "county_name": place.district,
        "detail_info": f"{place.town}****",
        "tel_number": f"184{phone[3:7]}0000-{phone[-4:]}" if virtual else f"{phone[:3]}****{phone[-4:]}",
        "house_number": "",
        "use_tel_number": int(virtual),
        "hash_code": opaque("place", *where, length=16).hex(),
    }
