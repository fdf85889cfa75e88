"""What WeChat Shop's methods do with the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.state import State
from sandbox.world_errcode import Cursors, Place, refused
from sandbox.world_gateway import Body, Call, Refused
from sandbox.world_order import OPEN, Line, Order, Refund
from sandbox.world_wxshop import BY_WX, CODES, case_row, cases_of, order_row, product_ids, seconds, status_of

SPAN = timedelta(days=7)
PAGE_SIZE = 100
CASES_SPAN = timedelta(hours=24)
CASES_PAGE = 20
RANGES: Mapping[str, Callable[[Order], int]] = {
    "create_time_range": lambda order: seconds(order.created_at),
    "update_time_range": lambda order: seconds(order.modified_at),
}


def invalid(name: str, why: str) -> Refused:
    return refused(40097, f"invalid args, {name}: {why}")


def wrong_type(name: str) -> Refused:
    return refused(47001, f"data format error, {name}")


@dataclass(slots=True)
class Gateway:
    """One call. `most`: how many orders a window may hold."""

    state: State
    cursors: Cursors
    call: Call
    body: dict[str, Any]
    most: int

    def text(self, name: str) -> str:
        value = self.body.get(name)
        if not isinstance(value, str):
            raise wrong_type(name)
        return value

    def order(self) -> Order:
        number = self.text("order_id")
        order = self.state.world.find(number)
        if order is None or order.platform != "wxshop":
            raise refused(100002, "order not exist")
        return order


def order_list(gate: Gateway) -> Body:
    asked, size = _range(gate), gate.body.get("page_size", 10)
    if type(size) is not int or not 1 <= size <= PAGE_SIZE:
        raise invalid("page_size", "expecting 1 to 100")
    question = {name: value for name, value in gate.body.items() if name != "next_key"}
    after = (-1.0, "")
    if cursor := gate.text("next_key"):
        place = gate.cursors.place(cursor, question)
        if place is None:
            raise refused(606006, "next_key and params do not match")
        after = place
    rows = _in_range(gate, *asked)
    gate.call.listed = rows
    when = RANGES[asked[0]]
    left = [order for order in rows if (float(when(order)), order.id) > after]
    shown, more = left[:size], len(left) > size
    next_key = gate.cursors.give(question, (float(when(shown[-1])), shown[-1].id)) if more else ""
    return {"order_id_list": [order.id for order in shown], "has_more": more, "next_key": next_key}


def _range(gate: Gateway) -> tuple[str, int, int]:
    named = [name for name in RANGES if name in gate.body]
    if not named:
        raise invalid("create_time_range", "at least one range is needed")
    name, span = named[-1], gate.body[named[-1]]
    start, end = (span.get("start_time"), span.get("end_time")) if isinstance(span, dict) else (None, None)
    if type(start) is not int or type(end) is not int:
        raise wrong_type(name)
    if not 0 < start <= end or end - start > SPAN.total_seconds():
        raise invalid(name, "end_time - start_time must be within 7 days")
    return name, start, end


def _in_range(gate: Gateway, name: str, start: int, end: int) -> list[Order]:
    when, status = RANGES[name], gate.body.get("status")
    rows = [
        order
        for order in gate.state.world.orders("wxshop")
        if start <= when(order) <= end and status in (None, status_of(order))
    ]
    if len(rows) > gate.most and end > start:
        raise refused(31042, "too many orders in this range")
    return sorted(rows, key=lambda order: (when(order), order.id))


def order_get(gate: Gateway) -> Body:
    return {"order": order_row(gate.order())}


def after_sale_list(gate: Gateway) -> Body:
    start, end = gate.body.get("begin_update_time"), gate.body.get("end_update_time")
    if type(start) is not int or type(end) is not int:
        raise wrong_type("begin_update_time")
    if not 0 < start <= end or end - start > CASES_SPAN.total_seconds():
        raise refused(10020004, "非法的时间区间")
    question = {name: value for name, value in gate.body.items() if name != "next_key"}
    after = (-1.0, "")
    if "next_key" in gate.body:
        place = gate.cursors.place(gate.text("next_key"), question)
        if place is None:
            raise refused(606006, "next_key and params do not match")
        after = place
    rows = sorted((row for row in _cases(gate) if start <= _changed(row) <= end), key=_place)
    left = [row for row in rows if _place(row) > after]
    shown, more = left[:CASES_PAGE], len(left) > CASES_PAGE
    next_key = gate.cursors.give(question, _place(shown[-1])) if more else ""
    numbers = [str(row["after_sale_order_id"]) for row in shown]
    return {"after_sale_order_id_list": numbers, "has_more": more, "next_key": next_key}


def after_sale_get(gate: Gateway) -> Body:
    number = gate.text("after_sale_order_id")
    found = next((row for row in _cases(gate) if row["after_sale_order_id"] == number), None)
    if found is None:
        raise refused(10021050, "售后单不存在")
    return {"after_sale_order": found}


def _cases(gate: Gateway) -> list[dict[str, Any]]:
    return [case_row(order, case) for order in gate.state.world.orders("wxshop") for case in cases_of(order)]


def _changed(row: Mapping[str, Any]) -> int:
    return int(row["update_time"])


def _place(row: Mapping[str, Any]) -> Place:
    return float(_changed(row)), str(row["after_sale_order_id"])


def notes_update(gate: Gateway) -> Body:
    order, notes = gate.order(), gate.text("merchant_notes")
    gate.state.world.edit(order.id, memo=notes)
    return {}


def delivery_send(gate: Gateway) -> Body:
    order, parcels = gate.order(), gate.body.get("delivery_list")
    if not isinstance(parcels, list) or not parcels:
        raise invalid("delivery_list", "expecting at least one parcel")
    if order.status not in OPEN or order.hold or order.refunding:
        raise refused(101100, "订单状态错误,不允许执行此操作")
    checked = [_parcel(order, number, parcel) for number, parcel in enumerate(parcels)]
    for code, waybill, lines in checked:
        ids = [line.id for line in lines]
        gate.state.world.ship(order.id, BY_WX[code].name, waybill, line_ids=ids, code=code)
    return {}


def _parcel(order: Order, number: int, parcel: Any) -> tuple[str, str, list[Line]]:
    where = f"delivery_list[{number}]"
    if not isinstance(parcel, dict):
        raise wrong_type(where)
    code, waybill, goods = (parcel.get(name) for name in ("delivery_id", "waybill_id", "product_infos"))
    if parcel.get("deliver_type") != 1:
        raise invalid(f"{where}.deliver_type", "only 1 is sent by courier")
    if not isinstance(code, str) or code not in BY_WX:
        raise invalid(f"{where}.delivery_id", "unknown company")
    if not isinstance(waybill, str) or not BY_WX[code].accepts(waybill):
        raise invalid(f"{where}.waybill_id", "wrong waybill")
    if not isinstance(goods, list) or not goods:
        raise invalid(f"{where}.product_infos", "expecting at least one product")
    return code, waybill, [_packed(order, f"{where}.product_infos[{index}]", row) for index, row in enumerate(goods)]


def _packed(order: Order, where: str, row: Any) -> Line:
    """The line that a parcel names, whole and still here."""
    if not isinstance(row, dict):
        raise wrong_type(where)
    named = (row.get("product_id"), row.get("sku_id"))
    line = next((line for line in order.lines if product_ids(line) == named), None)
    if line is None:
        raise invalid(f"{where}.product_id", "not of this order")
    if row.get("product_cnt") != line.quantity or line.shipped_at or line.refund is Refund.PAID:
        raise invalid(f"{where}.product_cnt", "more than is left to ship")
    return line


def companies(gate: Gateway) -> Body:
    if not isinstance(gate.body.get("ewaybill_only", False), bool):
        raise wrong_type("ewaybill_only")
    return {"company_list": [{"delivery_id": code, "delivery_name": name} for code, name in CODES.items()]}


METHODS: Mapping[str, Callable[[Gateway], Body]] = {
    "/channels/ec/order/list/get": order_list,
    "/channels/ec/order/get": order_get,
    "/channels/ec/aftersale/getaftersalelist": after_sale_list,
    "/channels/ec/aftersale/getaftersaleorder": after_sale_get,
    "/channels/ec/order/merchantnotes/update": notes_update,
    "/channels/ec/order/delivery/send": delivery_send,
    "/channels/ec/order/deliverycompanylist/new/get": companies,
}
