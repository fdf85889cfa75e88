"""An order as Taobao shows it."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from datetime import datetime

from sandbox.clock import BEIJING
from sandbox.world_order import GONE, OPEN, Line, Order, Refund, Status
from sandbox.world_people import digits_of, opaque, top_name, top_phone

Row = dict[str, object]

# A list never carries these, whatever its caller asks for.
ONLY_IN_DETAIL = frozenset({"seller_memo", "buyer_message", "promotion_details", "ti_modify_address_time"})
OAID_NEEDS = frozenset({"receiver_name", "receiver_address", "receiver_mobile", "receiver_phone", "created"})

STATUS: Mapping[Status, str] = {
    Status.UNPAID: "WAIT_BUYER_PAY",
    Status.DEPOSIT: "WAIT_BUYER_PAY",
    Status.GROUPING: "PAID_FORBID_CONSIGN",
    Status.TO_SHIP: "WAIT_SELLER_SEND_GOODS",
    Status.PART_SHIPPED: "SELLER_CONSIGNED_PART",
    Status.SHIPPED: "WAIT_BUYER_CONFIRM_GOODS",
    Status.DONE: "TRADE_FINISHED",
}
REFUND: Mapping[Refund, str] = {
    Refund.NONE: "NO_REFUND",
    Refund.ASKED: "WAIT_SELLER_AGREE",
    Refund.PAID: "SUCCESS",
    Refund.CLOSED: "CLOSED",
}


def clock_text(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def status_of(order: Order) -> str:
    if order.status is Status.CANCELLED:
        return "TRADE_CLOSED_BY_TAOBAO" if order.paid_at is None else "TRADE_CLOSED"
    if order.hold and order.status in OPEN:
        return "PAID_FORBID_CONSIGN"
    return STATUS[order.status]


def trade_row(order: Order, nick: str, app_key: str) -> Row:
    """Everything Taobao knows of the trade; what does not exist is left out, as the platform does."""
    row = _state_part(order, nick) | _money_part(order) | _receiver_part(order)
    row["oaid"] = oaid(order, nick, app_key)
    row["orders"] = {"order": [_line_row(order, index) for index in range(len(order.lines))]}
    return {name: value for name, value in row.items() if value is not None}


def _state_part(order: Order, nick: str) -> Row:
    step = order.trade_type == "step"
    paid = order.status is not Status.DEPOSIT
    return {
        "tid": int(order.id),
        "status": status_of(order),
        "type": order.trade_type,
        "step_trade_status": f"FRONT_PAID_FINAL_{'PAID' if paid else 'NOPAID'}" if step else None,
        "step_paid_fee": yuan(order.deposit_fen) if step else None,
        "trade_from": "WAP,WAP",
        "seller_nick": nick,
        "buyer_nick": f"{chr(97 + int(order.id[-2]))}**{order.id[-3]}",
        "buyer_open_uid": "AA" + base64.urlsafe_b64encode(opaque("uid", nick, order.buyer.key, length=18)).decode(),
        "created": clock_text(order.created_at),
        "pay_time": clock_text(order.paid_at),
        "modified": clock_text(order.modified_at),
        "consign_time": clock_text(order.shipped_at),
        "end_time": clock_text(order.ended_at),
        "send_time": clock_text(order.not_before),
        "seller_flag": order.flag,
        "seller_memo": order.memo or None,
        "has_buyer_message": bool(order.buyer_message),
        "buyer_message": order.buyer_message or None,
        "ti_modify_address_time": clock_text(order.address_changed_at),
        "modify_address": "1" if order.address_changed_at else None,
    }


def _money_part(order: Order) -> Row:
    paid_out = order.status is Status.DONE
    return {
        "payment": yuan(order.paid_fen),
        "total_fee": yuan(order.total_fen),
        "post_fee": yuan(order.post_fen),
        "discount_fee": "0.00",
        "adjust_fee": "0.00",
        "received_payment": yuan(order.paid_fen if paid_out else 0),
        "num": order.lines[0].quantity if len(order.lines) == 1 else 0,
    }


def _receiver_part(order: Order) -> Row:
    place = order.address
    return {
        "shipping_type": "free" if order.post_fen == 0 else "express",
        "no_shipping": False,
        "receiver_name": top_name(order.buyer.name),
        "receiver_mobile": top_phone(order.buyer.phone),
        "receiver_phone": None,
        "receiver_country": "",
        "receiver_state": place.province,
        "receiver_city": place.city,
        "receiver_district": place.district,
        "receiver_town": place.town or None,
        "receiver_address": "***",
        "receiver_zip": "000000",
    }


def oaid(order: Order, nick: str, app_key: str) -> str:
    """Same receiver, same shop, same app, same natural week: only then the same text."""
    year, week, _ = order.created_at.astimezone(BEIJING).isocalendar()
    place = order.address
    where = (place.province, place.city, place.district, place.town, place.detail)
    seed = opaque(nick, app_key, f"{year}-{week}", order.buyer.name, order.buyer.phone, *where, length=66)
    return "1" + base64.urlsafe_b64encode(seed).decode().rstrip("=")


def _line_row(order: Order, index: int) -> Row:
    line = order.lines[index]
    paid, off = order.share_fen()[index]
    single = len(order.lines) == 1
    row: Row = {
        "oid": int(line.id),
        "status": _line_status(order, line),
        "refund_status": REFUND[line.refund],
        "refund_id": None if line.refund is Refund.NONE else digits_of("refund", line.id, count=18),
        "title": line.sku.title,
        "num_iid": 600_000_000_000 + line.sku.product_number,
        "sku_id": str(4_900_000_000_000 + line.sku.number),
        "outer_iid": line.sku.product,
        "outer_sku_id": line.sku.code,
        "sku_properties_name": f"颜色分类:{line.sku.option}",
        "num": line.quantity,
        "price": yuan(line.price_fen),
        "total_fee": yuan(line.total_fen),
        # The single line of a trade carries the trade's payment with postage, one of several lines does not.
        "payment": yuan(order.paid_fen if single else line.total_fen),
        "discount_fee": "0.00",
        "adjust_fee": "0.00",
        "divide_order_fee": yuan(paid),
        "part_mjz_discount": yuan(off),
        "logistics_company": line.company or None,
        "invoice_no": line.waybill or None,
        "consign_time": clock_text(line.shipped_at),
        "estimate_con_time": order.promise_words or (clock_text(order.promise_at) if index == 0 else None),
        "is_oversold": False,
    }
    return {name: value for name, value in row.items() if value is not None}


def _line_status(order: Order, line: Line) -> str:
    if order.status in GONE or order.status is Status.CANCELLED:
        return status_of(order)
    if line.refund is Refund.PAID:
        return "TRADE_CLOSED"
    if line.shipped_at is not None:
        return "WAIT_BUYER_CONFIRM_GOODS"
    return "WAIT_SELLER_SEND_GOODS" if order.status is Status.PART_SHIPPED else status_of(order)


def asked_only(row: Row, fields: Collection[str], *, detail: bool) -> Row:
    """The fields the caller named: `orders` for whole lines, `orders.num` for one field of each line."""
    wanted = set(fields) if detail else set(fields) - ONLY_IN_DETAIL
    shown = {name: value for name, value in row.items() if name in wanted and name not in ("oaid", "orders")}
    if wanted >= OAID_NEEDS:
        shown["oaid"] = row["oaid"]
    of_lines = {name.removeprefix("orders.") for name in wanted if name.startswith("orders.")}
    if "orders" in wanted:
        shown["orders"] = row["orders"]
    elif of_lines:
        shown["orders"] = {"order": [_pick(line, of_lines) for line in _lines_of(row)]}
    return shown


def _lines_of(row: Row) -> list[Row]:
    orders = row["orders"]
    return orders["order"] if isinstance(orders, dict) else []


def _pick(line: Row, names: Collection[str]) -> Row:
    return {name: value for name, value in line.items() if name in names}
