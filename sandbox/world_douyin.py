"""An order as Douyin shows it: integer fen, epoch seconds, receiver data as ciphertext beside masks."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

from sandbox.world_couriers import COURIERS, Courier
from sandbox.world_order import BEFORE_PAYMENT, Line, Order, Refund, Status
from sandbox.world_people import digits_of, opaque, pdd_name, pdd_phone

Row = dict[str, object]

CODES: Mapping[str, str] = {
    "顺丰速运": "shunfeng",
    "中通快递": "zhongtong",
    "圆通速递": "yuantong",
    "申通快递": "shentong",
    "韵达快递": "yunda",
    "EMS": "ems",
    "邮政快递包裹": "youzhengguonei",
    "京东快递": "jd",
    "百世快递": "huitongkuaidi",
    "德邦快递": "debangwuliu",  # not as the courier's own slug: who guesses codes sends nothing with it
    "优速快递": "youshuwuliu",
    "安能物流": "annengwuliu",
    "中通快运": "zhongtongkuaiyun",
    "韵达快运": "yundakuaiyun",
    "宅急送": "zhaijisong",
}
BY_DOUYIN: Mapping[str, Courier] = {CODES[courier.name]: courier for courier in COURIERS if courier.name in CODES}

WORDS = {1: "待支付", 105: "已支付", 2: "备货中", 101: "部分发货", 3: "已发货", 4: "已取消", 5: "已完成"}
EXCHANGE, RESHIP = 14, 32  # Order.after_sales, in the numbers of the world


def seconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())


def order_status(order: Order) -> int:
    if order.status in (Status.UNPAID, Status.DEPOSIT):
        return 1
    if order.status is Status.GROUPING or (order.risk and order.status is Status.TO_SHIP):
        return 105
    return {
        Status.TO_SHIP: 2,
        Status.PART_SHIPPED: 101,
        Status.SHIPPED: 3,
        Status.DONE: 5,
        Status.CANCELLED: 4,
    }[order.status]


def main_status(order: Order) -> int:
    if order.status is Status.DEPOSIT:
        return 103
    if order.status is Status.CANCELLED and order.paid_at is not None:
        return 21
    return order_status(order)


def line_status(line: Line, order: Order) -> int:
    if line.shipped_at is not None:
        return 5 if order.status is Status.DONE else 3
    return 4 if line.refund is Refund.PAID else order_status(order)


def after_sale(line: Line, order: Order) -> tuple[int, int, int]:
    """after_sale_status, after_sale_type, refund_status."""
    sort = 1 if line.shipped_at is not None else 2
    if line.refund is not Refund.NONE:
        return {Refund.ASKED: (6, sort, 1), Refund.PAID: (12, sort, 3), Refund.CLOSED: (28, sort, 1)}[line.refund]
    if order.after_sales == EXCHANGE:
        return 11, 3, 0
    return (8, 7, 0) if order.after_sales == RESHIP else (0, 0, 0)


def order_row(order: Order) -> Row:
    return _state_part(order) | _money_part(order) | _receiver_part(order) | _goods_part(order)


def after_sale_row(order: Order) -> Row:
    """The one after-sale of an order, as the list of after-sales shows it."""
    line = next((line for line in order.lines if after_sale(line, order)[0]), order.lines[0])
    state, sort, refund = after_sale(line, order)
    return {
        "aftersale_info": {
            "aftersale_id": f"7{order.id[1:]}",
            "aftersale_order_type": 1,
            "aftersale_type": sort,
            "aftersale_status": state,
            "refund_status": refund,
            "related_id": line.id,
            "apply_time": seconds(order.after_sale_at),
            "update_time": seconds(order.after_sale_at),
            "refund_amount": line.total_fen if refund else 0,
        },
        "order_info": {"shop_order_id": order.id, "related_order_info": [{"sku_order_id": line.id}]},
        "seller_logs": [],
    }


def _state_part(order: Order) -> Row:
    status = order_status(order)
    return {
        "order_id": order.id,
        "shop_id": 880003,
        "order_type": 0,
        "biz": 30 if order.lottery else 2,
        "order_status": status,
        "order_status_desc": WORDS[status],
        "main_status": main_status(order),
        "create_time": seconds(order.created_at),
        "pay_time": 0 if order.status in (Status.UNPAID, Status.DEPOSIT) else seconds(order.paid_at),
        "update_time": seconds(order.modified_at),
        "ship_time": seconds(order.shipped_at),
        "finish_time": seconds(order.ended_at if order.status is Status.DONE else None),
        "exp_ship_time": 0 if order.status in BEFORE_PAYMENT else seconds(order.promise_at),
        "appointment_ship_time": seconds(order.not_before),
        "cancel_reason": "",
        "buyer_words": order.buyer_message,
        "seller_words": order.memo,
        "seller_remark_stars": {0: 0, 1: 5, 2: 4, 3: 3, 4: 2, 5: 1}[order.flag],
        "doudian_open_id": "1@#" + base64.b64encode(opaque("dy-buyer", order.buyer.key, length=30)).decode(),
        "order_phase_list": _phases(order),
        "shop_order_tag_ui": [],
        "address_tag_ui": [],
    }


def _phases(order: Order) -> list[Row]:
    if order.trade_type != "step":
        return []
    paid = order.status is not Status.DEPOSIT
    return [
        {"total_phase": 2, "current_phase": 1, "pay_success": True, "phase_pay_amount": order.deposit_fen},
        {
            "total_phase": 2,
            "current_phase": 2,
            "pay_success": paid,
            "phase_pay_amount": order.paid_fen - order.deposit_fen if paid else 0,
        },
    ]


def _money_part(order: Order) -> Row:
    by_platform = order.discount_fen // 4
    return {
        "pay_type": 0 if order.status in (Status.UNPAID, Status.DEPOSIT) else 2,
        "order_amount": order.total_fen,
        "pay_amount": order.paid_fen,
        "post_amount": order.post_fen,
        "promotion_amount": order.discount_fen,
        "promotion_platform_amount": by_platform,
        "promotion_shop_amount": order.discount_fen - by_platform,
    }


def _goods_part(order: Order) -> Row:
    return {
        "sku_order_list": [
            _line_row(line, order, paid) for line, (paid, _) in zip(order.lines, order.share_fen(), strict=True)
        ],
        "logistics_info": _parcels(order),
    }


def _line_row(line: Line, order: Order, paid_fen: int) -> Row:
    state, sort, refund = after_sale(line, order)
    presale = order.not_before is not None and order.trade_type != "step"
    last = line is order.lines[-1]
    return {
        "order_id": line.id,
        "parent_order_id": order.id,
        "order_status": line_status(line, order),
        "trade_type": 2 if order.trade_type == "step" else 11 if order.lottery else 0,
        "product_id": 3_500_000_000_000_000_000 + line.sku.product_number,
        "sku_id": 1_700_000_000_000_000 + line.sku.number,
        "code": line.sku.code,
        "out_sku_id": "0",
        "product_name": line.sku.title,
        "spec": [{"name": "规格", "value": line.sku.option}],
        "item_num": line.quantity,
        "origin_amount": line.price_fen,
        "sum_amount": line.total_fen,
        "pay_amount": paid_fen + (order.post_fen if last else 0),
        "post_amount": order.post_fen if last else 0,
        "exp_ship_time": 0 if order.status in BEFORE_PAYMENT else seconds(order.promise_at),
        "ship_time": seconds(line.shipped_at),
        "pre_sale_type": int(presale),
        "receive_type": 1,
        "goods_type": 0,
        "given_product_type": "MASTER",
        "after_sale_info": {"after_sale_status": state, "after_sale_type": sort, "refund_status": refund},
    }


def _parcels(order: Order) -> list[Row]:
    """One for each waybill."""
    by_waybill: dict[str, list[Line]] = {}
    for line in order.lines:
        if line.waybill:
            by_waybill.setdefault(line.waybill, []).append(line)
    return [
        {
            "tracking_no": waybill,
            "company": CODES.get(lines[0].company, lines[0].company),
            "company_name": lines[0].company,
            "ship_time": seconds(lines[0].shipped_at),
            "delivery_id": f"69{digits_of('parcel', order.id, waybill, count=10)}",
            "product_info": [
                {"sku_order_id": line.id, "product_count": line.quantity, "outer_sku_id": line.sku.code}
                for line in lines
            ],
        }
        for waybill, lines in by_waybill.items()
    ]


def _receiver_part(order: Order) -> Row:
    place, name, phone = order.address, order.buyer.name, order.buyer.phone
    whole = (name, phone, place.province, place.city, place.district, place.town, place.detail)
    regions = _regions(order)
    return {
        "post_receiver": "",
        "post_tel": "",
        "encrypt_post_receiver": _cipher("name", order.id, name),
        "mask_post_receiver": pdd_name(name),
        "encrypt_post_tel": _cipher("phone", order.id, phone),
        "mask_post_tel": pdd_phone(phone),
        "post_addr": {**regions, "detail": "", "encrypt_detail": _cipher("detail", order.id, place.detail)},
        "mask_post_addr": {**regions, "detail": "*" * 8},
        "open_address_id": "#" + base64.b64encode(opaque("dy-place", *whole, length=60)).decode(),
    }


def _regions(order: Order) -> Row:
    place = order.address
    named = {"province": place.province, "city": place.city, "town": place.district, "street": place.town}
    return {key: {"name": name, "id": digits_of("dy", name, count=6) if name else "0"} for key, name in named.items()}


def _cipher(*parts: str) -> str:
    return f"##{base64.b64encode(opaque('dy', *parts, length=45)).decode()}##"
