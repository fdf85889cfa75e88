"""What JD's methods do with the world. JD says no inside a reply whose outer code is "0"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import BEIJING
from sandbox.state import State
from sandbox.world_couriers import BY_JD
from sandbox.world_gateway import Body, Call, Refused, is_number, page_of
from sandbox.world_jd import STATES, asked_only, clock_text, order_row, state_of, unpaid_row
from sandbox.world_order import Order, Status

SPAN = timedelta(days=31)
REACH_MODIFIED = timedelta(days=92)
REACH_CREATED = timedelta(days=731)
LAST_PAGE = 300
SELF_DELIVERY = "1274"
REMARK_LENGTH = 500


def refused(code: int, chinese: str, english: str) -> Refused:
    return Refused(code, {"error_response": {"code": str(code), "zh_desc": chinese, "en_desc": english}})


class Failed(Exception):
    """A no that travels as a result and not as an error."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.body = {"success": False, "chineseErrCode": chinese, "englishErrCode": english}


SUCCESS = {"success": True, "chineseErrCode": "成功", "englishErrCode": "success"}


@dataclass(slots=True)
class Gateway:
    """One call, its business parameters, and the shop it is made to."""

    state: State
    call: Call
    params: Mapping[str, object]

    def get(self, name: str) -> str:
        value = self.params.get(name)
        return "" if value is None else str(value)

    def need(self, name: str) -> str:
        if not self.get(name):
            raise Failed("param_missing", f"参数{name}不能为空")
        return self.get(name)

    def number(self, name: str, most: int) -> int:
        text = self.need(name)
        if not is_number(text) or not 1 <= int(text) <= most:
            raise Failed("param_invalid", f"参数{name}取值不正确")
        return int(text)

    def moment(self, name: str) -> datetime | None:
        if not self.get(name):
            return None
        try:
            return datetime.strptime(self.get(name), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        except ValueError:
            raise Failed("param_invalid", f"参数{name}格式不正确") from None

    def names(self, name: str) -> list[str]:
        return [part.strip() for part in self.need(name).split(",") if part.strip()]

    def order(self, name: str) -> Order:
        order = self.state.world.find(self.need(name))
        if order is None or order.platform != "jd":
            raise Failed("order_not_exist", "订单不存在")
        return order

    def listed(self, rows: list[Order]) -> list[Order]:
        self.call.listed = rows
        return rows


Method = Callable[[Gateway], Body]


def _within(key: str, work: Method) -> Method:
    """Wrap a method whose yes or no stands under `key` as an apiResult."""

    def method(gate: Gateway) -> Body:
        try:
            return {key: {"apiResult": SUCCESS, **work(gate)}}
        except Failed as failure:
            gate.call.outcome = str(failure)
            return {key: {"apiResult": failure.body}}

    return method


def _operator(key: str, work: Method) -> Method:
    """The two write methods answer flatly, without an apiResult."""

    def method(gate: Gateway) -> Body:
        try:
            return {key: {**SUCCESS, **work(gate)}}
        except Failed as failure:
            gate.call.outcome = str(failure)
            return {key: failure.body}

    return method


def search(gate: Gateway) -> Body:
    states, fields = gate.names("order_state"), gate.names("optional_fields")
    if unknown := set(states) - STATES.keys():
        raise Failed("order_state_invalid", f"订单状态不正确:{','.join(sorted(unknown))}")
    page, size = gate.number("page", LAST_PAGE), gate.number("page_size", 100)
    by_created = gate.get("dateType") == "1"
    start, end = _window(gate, states, by_created)
    rows = [
        order
        for order in gate.state.world.orders("jd")
        if state_of(order) in states and start <= _when(order, by_created) <= end
    ]
    rows.sort(key=lambda order: (_when(order, by_created), order.id), reverse=gate.get("sortType") == "1")
    shown, _ = page_of(gate.listed(rows), page, size)
    vender = gate.state.company.jd.vender
    return {
        "orderTotal": len(rows),
        "orderInfoList": [asked_only(order_row(order, vender), fields) for order in shown],
    }


def _when(order: Order, by_created: bool) -> datetime:
    return order.created_at if by_created else order.modified_at


def _window(gate: Gateway, states: list[str], by_created: bool) -> tuple[datetime, datetime]:
    start, end, now = gate.moment("start_date"), gate.moment("end_date"), gate.state.clock.now()
    if start is None and end is None and states == ["WAIT_SELLER_STOCK_OUT"]:
        return now - SPAN, now
    if start is None or end is None:
        raise Failed("date_missing", "开始时间和结束时间不能为空")
    if end < start or end - start > SPAN:
        raise Failed("date_range_invalid", "查询时间跨度不能超过一个月")
    if start < now - (REACH_CREATED if by_created else REACH_MODIFIED):
        raise Failed("date_too_early", "查询时间超出可查范围")
    return start, end


def detail(gate: Gateway) -> Body:
    order, fields = gate.order("order_id"), gate.names("optional_fields")
    wanted = gate.get("order_state").split(",") if gate.get("order_state") else list(STATES)
    if state_of(order) not in wanted:
        raise Failed("order_not_exist", "订单不存在")
    return {"orderInfo": asked_only(order_row(order, gate.state.company.jd.vender), fields)}


def not_paid(gate: Gateway) -> Body:
    """Two methods answer without any success of their own: their no is an error of the gateway."""
    try:
        page, size = gate.number("page", LAST_PAGE), gate.number("pageSize", 100)
        start, end = gate.moment("startDate"), gate.moment("endDate")
        if start is None or end is None or end < start or end - start > SPAN:
            raise Failed("date_range_invalid", "查询时间不正确")
    except Failed as failure:
        raise refused(28, str(failure.body["chineseErrCode"]), str(failure)) from None
    unpaid = (order for order in gate.state.world.orders("jd") if order.status is Status.UNPAID)
    rows = sorted((order for order in unpaid if start <= order.created_at <= end), key=lambda order: order.created_at)
    shown, _ = page_of(gate.listed(rows), page, size)
    vender = gate.state.company.jd.vender
    told = {
        "pageSize": size,
        "index": page,
        "totalItem": len(rows),
        "totalPage": -(-len(rows) // size),
        "pageList": [unpaid_row(order, vender) for order in shown],
    }
    return {"paginatedInfo": told}


def not_paid_one(gate: Gateway) -> Body:
    order = gate.state.world.find(gate.get("orderId"))
    if order is None or order.platform != "jd" or order.status is not Status.UNPAID:
        return {"orderDataNotPayInfo": None}
    return {"orderDataNotPayInfo": unpaid_row(order, gate.state.company.jd.vender)}


def shipment(gate: Gateway) -> Body:
    order = gate.order("orderId")
    carriers, waybills = gate.need("logiCoprId").split("|"), gate.get("logiNo").split("|")
    if unknown := [code for code in carriers if code not in BY_JD]:
        raise Failed("carrier_not_enabled", f"物流公司{unknown[0]}未启用")
    if len(carriers) != len(waybills):
        raise Failed("waybill_invalid", "物流公司与运单号数量不一致")
    for code, waybill in zip(carriers, waybills, strict=True):
        if not BY_JD[code].accepts(waybill):
            raise Failed("waybill_invalid", f"运单号{waybill}不符合规则")
    if order.status in (Status.SHIPPED, Status.DONE):
        raise Failed("order_already_shipped", "订单已出库,请勿重复出库")
    if state_of(order) != "WAIT_SELLER_STOCK_OUT":
        raise Failed("order_state_invalid", "订单状态不允许出库")
    kept = [(code, number) for code, number in zip(carriers, waybills, strict=True) if code != SELF_DELIVERY]
    company, waybill = ("|".join(part) for part in zip(*kept, strict=True)) if kept else (SELF_DELIVERY, "")
    gate.state.world.ship(order.id, company, waybill, code=gate.need("logiCoprId"))
    return {}


def remark(gate: Gateway) -> Body:
    order, flag = gate.order("order_id"), gate.get("flag")
    if flag and flag not in "012345":
        raise Failed("param_invalid", "参数flag取值不正确")
    if len(gate.get("remark")) > REMARK_LENGTH:
        raise Failed("remark_too_long", "商家备注不能超过500个字符")
    # Overwrites both: a flag that is not sent becomes grey.
    gate.state.world.edit(order.id, memo=gate.get("remark"), flag=int(flag or 0))
    return {}


def remark_of(gate: Gateway) -> Body:
    try:
        order = gate.order("order_id")
    except Failed as failure:
        return {"venderRemarkQueryResult": {"api_jos_result": failure.body, "vender_remark": None}}
    told = {"order_id": order.id, "remark": order.memo, "flag": order.flag, "modified": clock_text(order.modified_at)}
    shown = told if order.memo or order.flag else None
    return {"venderRemarkQueryResult": {"api_jos_result": SUCCESS, "vender_remark": shown}}


def companies(gate: Gateway) -> Body:
    fields = [name for name in gate.get("fields").split(",") if name]
    if not fields:
        raise refused(28, "参数fields不能为空", "Invalid Arguments:fields")
    rows: list[dict[str, object]] = [{"id": int(code), "name": one.name} for code, one in BY_JD.items()]
    shown = [{name: value for name, value in row.items() if name in fields} for row in rows]
    return {"vender_id": int(gate.state.company.jd.vender), "delivery_companies": shown}


METHODS: Mapping[str, Method] = {
    "jingdong.pop.order.enSearch": _within("searchorderinfo_result", search),
    "jingdong.pop.order.enGet": _within("orderDetailInfo", detail),
    "jingdong.pop.order.notPayOrderInfo": not_paid,
    "jingdong.pop.order.notPayOrderById": not_paid_one,
    "jingdong.order.venderRemark.queryByOrderId": remark_of,
    "360buy.get.vender.all.delivery.company": companies,
    "jingdong.pop.order.shipment": _operator("sopjosshipment_result", shipment),
    "jingdong.pop.order.modifyVenderRemark": _operator("modifyvenderremark_result", remark),
}
ROOTS: Mapping[str, str] = {"360buy.get.vender.all.delivery.company": "vender_delivery_all_company_response"}
"""Of methods whose reply's root is not made of their name."""
