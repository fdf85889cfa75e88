"""What Pinduoduo's methods do with the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.state import State
from sandbox.world_couriers import BY_PDD, Courier
from sandbox.world_gateway import Body, Call, Refused, is_number, page_of
from sandbox.world_order import GONE, OPEN, Order
from sandbox.world_pdd import clock_text, is_listed, order_row, order_status, refund_status
from sandbox.world_tokens import Token

SPAN = timedelta(minutes=30)
CREATED_SPAN = timedelta(hours=24)
REACH = timedelta(days=90)
LAG_SECONDS = 180
MOST_SNS = 50
TAG_NAME_LENGTH = 3


def refused(code: int, message: str, sub_code: str = "") -> Refused:
    body = {
        "error_code": code,
        "error_msg": message,
        "sub_code": sub_code or str(code),
        "sub_msg": message,
        "request_id": f"17{code:015d}",
    }
    return Refused(code, {"error_response": body})


def invalid(name: str, why: str = "") -> Refused:
    return refused(10001, f"参数错误:{name}{why}")


@dataclass(slots=True)
class Gateway:
    """One call and the shop it is made to."""

    state: State
    call: Call

    def need(self, name: str) -> str:
        if not self.call.get(name):
            raise refused(10000, f"参数{name}不能为空")
        return self.call.get(name)

    def number(self, name: str, default: int, most: int) -> int:
        text = self.call.get(name, str(default))
        if not is_number(text) or not 1 <= int(text) <= most:
            raise invalid(name)
        return int(text)

    def choice(self, name: str, allowed: str) -> int:
        value = self.need(name)
        if len(value) != 1 or value not in allowed:
            raise invalid(name)
        return int(value)

    def window(self, start_name: str, end_name: str, span: timedelta) -> tuple[datetime, datetime]:
        texts = self.need(start_name), self.need(end_name)
        if not all(is_number(text) for text in texts):
            raise invalid(f"{start_name},{end_name}")
        start, end = (datetime.fromtimestamp(int(text), UTC) for text in texts)
        if end < start or end - start > span:
            raise invalid(end_name, f",时间跨度不能超过{int(span.total_seconds()) // 60}分钟")
        if start < self.state.clock.now() - REACH:
            raise invalid(start_name, ",只能查询近90天的订单")
        return start, end

    def order(self) -> Order:
        order = self.state.world.find(self.need("order_sn"))
        if order is None or order.platform != "pdd" or not is_listed(order):
            raise refused(30000, "订单不存在")
        return order


def time_get(gate: Gateway) -> Body:
    return {"time": clock_text(gate.state.clock.now())}


def increment(gate: Gateway) -> Body:
    start, end = gate.window("start_updated_at", "end_updated_at", SPAN)
    if end.timestamp() > int(gate.state.clock.epoch()) - LAG_SECONDS:
        # The real platform answers and leaves rows out; a refusal makes the same mistake visible.
        raise invalid("end_updated_at", ",结束时间需早于当前时间3分钟")
    luck = gate.choice("is_lucky_flag", "012")
    rows = [
        order for order in _wanted(gate) if start <= order.modified_at <= end and luck in (0, 2 if order.lottery else 1)
    ]
    rows.sort(key=lambda order: (order.modified_at, order.id), reverse=True)
    return _page(gate, rows, "order_sn_list")


def by_confirmed(gate: Gateway) -> Body:
    start, end = gate.window("start_confirm_at", "end_confirm_at", CREATED_SPAN)
    rows = [(order.confirmed_at, order) for order in _wanted(gate) if order.confirmed_at is not None]
    inside = sorted(((at, order.id, order) for at, order in rows if start <= at <= end), reverse=True)
    return _page(gate, [order for _, _, order in inside], "order_list")


def _wanted(gate: Gateway) -> list[Order]:
    """Both states must be asked for; 5 means all."""
    status, refund = gate.choice("order_status", "1235"), gate.choice("refund_status", "12345")
    trade = gate.choice("trade_type", "01") if gate.call.get("trade_type") else None
    return [
        order
        for order in gate.state.world.orders("pdd")
        if is_listed(order)
        and status in (5, order_status(order))
        and refund in (5, refund_status(order))
        and trade in (None, int(order.trade_type == "step"))
    ]


def _page(gate: Gateway, rows: list[Order], key: str) -> Body:
    gate.call.listed = rows
    shown, more = page_of(rows, gate.number("page", 1, 1_000_000), gate.number("page_size", 100, 100))
    counted = {"has_next": more} if gate.call.get("use_has_next") == "true" else {"total_count": len(rows)}
    return {**counted, key: [order_row(order) for order in shown]}


def information(gate: Gateway) -> Body:
    return {"order_info": order_row(gate.order())}


def status(gate: Gateway) -> Body:
    numbers = gate.need("order_sns").split(",")
    if len(numbers) > MOST_SNS:
        raise invalid("order_sns", ",单次最多查询50个订单")
    found = (gate.state.world.find(number) for number in numbers)
    return {
        "order_status_list": [
            {"orderSn": order.id, "order_status": order_status(order), "refund_status": refund_status(order)}
            for order in found
            if order is not None and order.platform == "pdd" and is_listed(order)
        ]
    }


def online_send(gate: Gateway) -> Body:
    order, waybill = gate.order(), gate.need("tracking_number")
    courier = BY_PDD.get(gate.need("logistics_id"))
    if courier is None:
        raise invalid("logistics_id", ",快递公司不存在")
    if not courier.accepts(waybill):
        raise refused(30000, "运单号不符合快递公司规则")
    if gate.call.get("redelivery_type", "1") == "2":
        return _replace(gate, order, courier, waybill)
    if order.status in GONE:
        raise refused(30000, "订单已发货,请勿重复发货")
    if refund_status(order) != 1:
        raise refused(30000, "订单售后中或已退款,不能发货")
    if order.risk or order.hold:
        raise refused(30000, "订单风控审核中或已暂停发货")
    if order.status not in OPEN:
        raise refused(30000, "订单状态不允许发货")
    gate.state.world.ship(order.id, courier.name, waybill, code=str(courier.pdd))
    return {"is_success": True}


def _replace(gate: Gateway, order: Order, courier: Courier, waybill: str) -> Body:
    if order.status not in GONE:
        raise refused(30000, "订单未发货,不能修改运单")
    gate.state.world.replace_waybill(order.id, courier.name, waybill, code=str(courier.pdd))
    return {"is_success": True}


def companies(gate: Gateway) -> Body:
    rows = [
        {"id": courier.pdd, "code": courier.top or str(courier.pdd), "logistics_company": courier.name, "available": 1}
        for courier in BY_PDD.values()
    ]
    return {"logistics_companies": rows}


def note_update(gate: Gateway) -> Body:
    order, note = gate.order(), gate.need("note")
    tag, tag_name = gate.call.get("tag"), gate.call.get("tag_name")
    if bool(tag) != bool(tag_name):
        raise invalid("tag,tag_name", ",必须同时传或同时不传")
    if tag and (len(tag) != 1 or tag not in "12345" or len(tag_name) > TAG_NAME_LENGTH):
        raise invalid("tag")
    changes: dict[str, object] = {"memo": note}
    if tag:
        changes["flag"] = int(tag)
    gate.state.world.edit(order.id, **changes)
    return {"success": True, "error_code": 0, "error_msg": ""}


def token_create(gate: Gateway) -> Body:
    token = gate.state.tokens["pdd"].by_code(gate.need("code"))
    if token is None:
        raise refused(20034, "code无效或已过期")
    return _token_row(gate, token)


def token_refresh(gate: Gateway) -> Body:
    """A new pair with the old end: refreshing never prolongs the authorisation."""
    token = gate.state.tokens["pdd"].renew(gate.need("refresh_token"), extends=False)
    if token is None:
        raise refused(20035, "refresh_token无效或授权已过期")
    return _token_row(gate, token)


def _token_row(gate: Gateway, token: Token) -> Body:
    shop, ends = gate.state.company.pdd, int(token.expires_at.timestamp())
    return {
        "access_token": token.access,
        "refresh_token": token.refresh,
        "expires_in": ends - int(gate.state.clock.epoch()),
        "expires_at": ends,
        "refresh_token_expires_in": ends - int(gate.state.clock.epoch()),
        "refresh_token_expires_at": ends,
        "owner_id": shop.owner_id,
        "owner_name": shop.nick,
        "scope": ["pdd.order.list.get", "pdd.order.number.list.increment.get", "pdd.logistics.online.send"],
    }


# Root keys do not follow from the names: the platform chose each by hand.
METHODS: Mapping[str, tuple[str, Callable[[Gateway], Body]]] = {
    "pdd.time.get": ("time_get_response", time_get),
    "pdd.order.number.list.increment.get": ("order_sn_increment_get_response", increment),
    "pdd.order.list.get": ("order_list_get_response", by_confirmed),
    "pdd.order.information.get": ("order_info_get_response", information),
    "pdd.order.status.get": ("order_status_get_response", status),
    "pdd.logistics.online.send": ("logistics_online_send_response", online_send),
    "pdd.logistics.companies.get": ("logistics_companies_get_response", companies),
    "pdd.order.note.update": ("response", note_update),
    "pdd.pop.auth.token.create": ("pop_auth_token_create_response", token_create),
    "pdd.pop.auth.token.refresh": ("pop_auth_token_refresh_response", token_refresh),
}
NO_TOKEN = frozenset(
    {"pdd.time.get", "pdd.logistics.companies.get", "pdd.pop.auth.token.create", "pdd.pop.auth.token.refresh"}
)
