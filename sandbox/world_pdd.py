"""An order as Pinduoduo shows it: money as JSON numbers, receiver data only while it may be shipped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sandbox.clock import BEIJING
from sandbox.world_couriers import COURIERS
from sandbox.world_order import OPEN, Order, Refund, Status
from sandbox.world_people import digits_of, opaque, pdd_cipher, pdd_name, pdd_phone

Row = dict[str, object]

TAG_NAMES: Mapping[int, str] = {0: "", 1: "红色", 2: "黄色", 3: "绿色", 4: "蓝色", 5: "紫色"}
COURIER_IDS: Mapping[str, int] = {courier.name: courier.pdd for courier in COURIERS if courier.pdd}


def clock_text(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def yuan(fen: int) -> float:
    return fen / 100


def order_status(order: Order) -> int:
    if order.status is Status.DONE:
        return 3
    return 2 if order.status is Status.SHIPPED else 1


def refund_status(order: Order) -> int:
    refund = order.lines[0].refund
    return {Refund.NONE: 1, Refund.CLOSED: 1, Refund.ASKED: 2, Refund.PAID: 4}[refund]


def confirm_status(order: Order) -> int:
    if order.status is Status.CANCELLED and order.confirmed_at is None:
        return 2
    return 0 if order.status in (Status.GROUPING, Status.DEPOSIT) else 1


def group_status(order: Order) -> int:
    if order.status is Status.GROUPING:
        return 0
    return 2 if order.status is Status.CANCELLED and order.confirmed_at is None else 1


def is_listed(order: Order) -> bool:
    """An order nobody has paid for is not a deal and never shows."""
    return order.paid_at is not None or order.status is Status.DEPOSIT


def order_row(order: Order) -> Row:
    return _state_part(order) | _money_part(order) | _goods_part(order) | _receiver_part(order)


def _state_part(order: Order) -> Row:
    row: Row = {
        "order_sn": order.id,
        "order_status": order_status(order),
        "confirm_status": confirm_status(order),
        "group_status": group_status(order),
        "refund_status": refund_status(order),
        "after_sales_status": order.after_sales,
        "risk_control_status": int(order.risk),
        "trade_type": int(order.trade_type == "step"),
        "is_lucky_flag": 2 if order.lottery else 1,
        "is_stock_out": 0,
        "stock_out_handle_status": -1,
        "created_time": clock_text(order.created_at),
        "pay_time": clock_text(order.paid_at),
        "confirm_time": clock_text(order.confirmed_at),
        "updated_at": clock_text(order.modified_at),
        "last_ship_time": clock_text(order.promise_at),
        "shipping_time": clock_text(order.shipped_at),
        "receive_time": clock_text(order.ended_at if order.status is Status.DONE else None),
        "urge_shipping_time": clock_text(order.urged_at),
        "is_pre_sale": int(order.not_before is not None),
        "pre_sale_time": clock_text(order.not_before),
    }
    if order.trade_type == "step":
        row["step_order_info"] = {
            "step_trade_status": 1 if order.status is Status.DEPOSIT else 2,
            "advanced_paid_fee": yuan(order.deposit_fen),
            "step_paid_fee": yuan(order.paid_fen - order.deposit_fen),
            "step_discount_amount": 0.0,
        }
    return row


def _money_part(order: Order) -> Row:
    by_platform = order.discount_fen // 4
    return {
        "pay_amount": yuan(order.paid_fen),
        "goods_amount": yuan(order.total_fen),
        "discount_amount": yuan(order.discount_fen),
        "platform_discount": yuan(by_platform),
        "seller_discount": yuan(order.discount_fen - by_platform),
        "order_change_amount": 0.0,
        "postage": yuan(order.post_fen),
    }


def _goods_part(order: Order) -> Row:
    return {
        "buyer_memo": order.buyer_message,
        "remark": order.memo,
        "remark_tag": order.flag,
        "remark_tag_name": TAG_NAMES[order.flag],
        "shipping_type": 0,
        "logistics_id": COURIER_IDS.get(order.company, 0),
        "tracking_number": order.waybill,
        "item_list": [
            {
                "goods_id": 600_000_000_000 + line.sku.product_number,
                "sku_id": 1_200_000_000_000 + line.sku.number,
                "outer_id": line.sku.code,
                "outer_goods_id": line.sku.product,
                "goods_name": line.sku.title,
                "goods_spec": line.sku.option,
                "goods_price": yuan(line.price_fen),
                "goods_count": line.quantity,
            }
            for line in order.lines
        ],
        "gift_list": [],
        "order_tag_list": [
            {"name": "delivery_one_day", "value": 0},
            {"name": "ship_hold", "value": int(order.hold)},
        ],
        "extra_delivery_list": [],
        "resend_delivery_list": [],
    }


def _receiver_part(order: Order) -> Row:
    place, name, phone = order.address, order.buyer.name, order.buyer.phone
    readable = order.status in OPEN and not order.risk
    # Some orders of late carry the phone in contact_mobile only.
    in_contact = int(digits_of("contact", order.id, count=3)) % 2 == 0
    cipher_phone = pdd_cipher("phone", order.id, phone, wrap="$") if readable else ""
    mask = not order.risk
    return {
        "receiver_name": pdd_cipher("name", order.id, name) if readable else "",
        "receiver_name_mask": pdd_name(name) if mask else "",
        "receiver_phone": "" if in_contact else cipher_phone,
        "contact_mobile": cipher_phone if in_contact else "",
        "receiver_phone_mask": pdd_phone(phone) if mask else "",
        "receiver_address": pdd_cipher("address", order.id, place.town, place.detail) if readable else "",
        "receiver_address_mask": f"{place.town}****" if mask else "",
        "address": pdd_cipher("full", order.id, place.town, place.detail) if readable else "",
        "address_mask": f"{place.town}****" if mask else "",
        "country": "中国",
        "province": place.province,
        "city": place.city,
        "town": place.district,
        "open_address_id": opaque("place", *_whole(order), length=16).hex() if mask else "",
    }


def _whole(order: Order) -> tuple[str, ...]:
    place = order.address
    return (order.buyer.name, order.buyer.phone, place.province, place.city, place.district, place.town, place.detail)
