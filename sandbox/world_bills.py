"""Payments in WeCom chats as bills: one for the payment, one more for each refund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.world_order import Order, Refund
from sandbox.world_people import digits_of, opaque

Row = dict[str, object]

# refund_status: asked for, paid back, taken back.
REFUND: Mapping[Refund, int] = {Refund.ASKED: 0, Refund.PAID: 2, Refund.CLOSED: 7}


@dataclass(frozen=True, slots=True)
class Bill:
    at: datetime
    order: Order
    refund: bool

    @property
    def key(self) -> str:
        return f"{self.order.id}/{int(self.refund)}"


def bills_of(order: Order) -> list[Bill]:
    """A refund has a bill of its own once it is paid, under the number of the payment."""
    if order.paid_at is None:
        return []
    found = [Bill(order.paid_at, order, refund=False)]
    if order.refunded:
        found.append(Bill(_refund_at(order), order, refund=True))
    return found


def bill_row(bill: Bill, payee: str, merchant: str) -> Row:
    order = bill.order
    refunds = _refunds(order, payee)
    back = order.paid_fen if order.refunded else 0
    row: Row = {
        "transaction_id": order.id,
        "bill_type": int(bill.refund),
        "trade_state": 3 if back else 1,
        "pay_time": int(bill.at.timestamp()),
        "out_trade_no": f"M{digits_of('trade', order.id, count=20)}",
        "external_userid": "wm" + opaque("external", order.buyer.key, length=15).hex(),
        "total_fee": order.paid_fen,
        "payee_userid": payee,
        "payment_type": 0,
        "mch_id": merchant,
        "remark": order.memo,
        "commodity_list": [
            {"description": f"{line.sku.title} {line.sku.option}", "amount": line.quantity} for line in order.lines
        ],
        "total_refund_fee": back,
        "refund_list": refunds,
        "contact_info": _contact(order),
    }
    if bill.refund:
        row["out_refund_no"] = _refund_number(order)
    return row


def _refunds(order: Order, payee: str) -> list[Row]:
    state = order.lines[0].refund
    if state is Refund.NONE:
        return []
    asked = order.after_sale_at or _refund_at(order)
    return [{
        "out_refund_no": _refund_number(order),
        "refund_userid": payee,
        "refund_comment": "",
        "refund_reqtime": int(asked.timestamp()),
        "refund_status": REFUND[state],
        "refund_fee": order.paid_fen,
    }]  # fmt: skip


def _refund_at(order: Order) -> datetime:
    return order.after_sale_at or order.ended_at or order.modified_at


def _refund_number(order: Order) -> str:
    return f"R{digits_of('refund', order.id, count=20)}"


def _contact(order: Order) -> Row:
    place = order.address
    where = (place.province, place.city, place.district, place.town, place.detail)
    # A municipality is named once by people.
    named = where[1:] if place.city.startswith(place.province) else where
    return {"name": order.buyer.name, "phone": order.buyer.phone, "address": "".join(named)}
