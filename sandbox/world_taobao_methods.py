"""What Taobao's methods do with the world."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import BEIJING
from sandbox.state import State
from sandbox.world_couriers import BY_TOP
from sandbox.world_gateway import Body, Call, Refused, is_number, page_of
from sandbox.world_order import OPEN, Line, Order, Refund
from sandbox.world_taobao import asked_only, clock_text, status_of, trade_row

DEFAULT_TYPES = frozenset({"fixed", "auction", "auto_delivery", "ec", "cod", "step"})
# A group of the query, never a value that comes back.
TYPE_GROUPS: Mapping[str, frozenset[str]] = {"guarantee_trade": frozenset({"fixed", "auction"})}
STATUSES = frozenset(
    {
        *("TRADE_NO_CREATE_PAY", "WAIT_BUYER_PAY", "PAY_PENDING", "WAIT_PRE_AUTH_CONFIRM", "PAID_FORBID_CONSIGN"),
        *("WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED"),
        *("TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"),
    }
)
SPAN = timedelta(days=1)
REACH = timedelta(days=92)
MEMO_BYTES = 1000
STOPS = frozenset({Refund.ASKED, Refund.PAID})
SEND = "isv.logistics-offline-service-error"


def refused(code: int, message: str, sub_code: str = "", sub_message: str = "") -> Refused:
    reply = {"code": code, "msg": message}
    if sub_code:
        reply |= {"sub_code": sub_code, "sub_msg": sub_message or message}
    return Refused(code, {"error_response": {**reply, "request_id": f"15qzerr{code}"}})


def remote_error(sub_code: str, message: str) -> Refused:
    return refused(15, "Remote service error", sub_code, message)


def invalid(name: str) -> Refused:
    return refused(41, f"Invalid arguments:{name}", f"isv.invalid-parameter:{name}", f"参数{name}格式或取值不对")


@dataclass(slots=True)
class Gateway:
    """One call and the shop it is made to."""

    state: State
    call: Call

    def need(self, name: str) -> str:
        value = self.call.get(name)
        if not value:
            raise refused(40, f"Missing required arguments:{name}", f"isv.missing-parameter:{name}", f"缺少参数{name}")
        return value

    def number(self, name: str, default: int, most: int) -> int:
        text = self.call.get(name, str(default))
        if not is_number(text) or not 1 <= int(text) <= most:
            raise invalid(name)
        return int(text)

    def moment(self, name: str) -> datetime:
        try:
            return datetime.strptime(self.need(name), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        except ValueError:
            raise invalid(name) from None

    def fields(self) -> list[str]:
        return [name.strip() for name in self.need("fields").split(",") if name.strip()]

    def order(self) -> Order:
        tid = self.need("tid")
        if not is_number(tid):
            raise invalid("tid")
        order = self.state.world.find(tid)
        if order is None or order.platform != "taobao":
            raise remote_error("isv.trade-not-exist", "交易订单不存在")
        return order

    def row(self, order: Order, *, detail: bool) -> dict[str, object]:
        shop = self.state.company.taobao
        return asked_only(trade_row(order, shop.nick, shop.app_key), self.fields(), detail=detail)


def time_get(gate: Gateway) -> Body:
    return {"time": clock_text(gate.state.clock.now())}


def increment(gate: Gateway) -> Body:
    start, end = gate.moment("start_modified"), gate.moment("end_modified")
    if end < start or end - start > SPAN or start < gate.state.clock.now() - REACH:
        raise invalid("start_modified,end_modified")
    return _page(gate, lambda order: order.modified_at, start, end)


def sold(gate: Gateway) -> Body:
    oldest = gate.state.clock.now() - REACH
    start = gate.moment("start_created") if gate.call.get("start_created") else oldest
    end = gate.moment("end_created") if gate.call.get("end_created") else gate.state.clock.now()
    if end < start or start < oldest:
        raise invalid("start_created,end_created")
    return _page(gate, lambda order: order.created_at, start, end)


def _page(gate: Gateway, when: Callable[[Order], datetime], start: datetime, end: datetime) -> Body:
    page, size = gate.number("page_no", 1, 1_000_000), gate.number("page_size", 40, 100)
    gate.fields()
    status, types = gate.call.get("status"), _types(gate.call.get("type"))
    if status and status not in STATUSES:
        raise invalid("status")
    rows = [
        order
        for order in gate.state.world.orders("taobao")
        if start <= when(order) <= end and order.trade_type in types and status in ("", status_of(order))
    ]
    rows.sort(key=lambda order: (when(order), order.id), reverse=True)
    gate.call.listed = rows
    shown, more = page_of(rows, page, size)
    counted = {"has_next": more} if gate.call.get("use_has_next") == "true" else {"total_results": len(rows)}
    trades = {"trades": {"trade": [gate.row(order, detail=False) for order in shown]}} if shown else {}
    return {**counted, **trades}


def _types(text: str) -> frozenset[str]:
    if not text:
        return DEFAULT_TYPES
    named = [name.strip() for name in text.split(",")]
    return frozenset().union(*(TYPE_GROUPS.get(name, frozenset({name})) for name in named))


def fullinfo(gate: Gateway) -> Body:
    gate.fields()
    return {"trade": gate.row(gate.order(), detail=True)}


def memo_update(gate: Gateway) -> Body:
    order, memo = gate.order(), gate.call.get("memo")
    flag, reset = gate.call.get("flag"), gate.call.get("reset") == "true"
    if len(memo.encode()) > MEMO_BYTES:
        raise invalid("memo")
    if flag and flag not in "012345":
        raise invalid("flag")
    changes: dict[str, object] = {"flag": int(flag or 0)}  # grey where none is named: the platform's default
    if memo or reset:
        changes["memo"] = memo
    gate.state.world.edit(order.id, **changes)
    return {"trade": {"tid": int(order.id), "modified": clock_text(order.modified_at)}}


def offline_send(gate: Gateway) -> Body:
    waybill, code = gate.need("out_sid"), gate.need("company_code")
    tid = gate.need("tid")
    order = gate.state.world.find(tid)
    if order is None or order.platform != "taobao":
        raise remote_error(f"{SEND}:ORDER_NOT_FOUND_ERROR", "订单不存在")
    if code not in BY_TOP:
        raise remote_error(f"{SEND}:B56", "没有选择物流公司或者物流公司不存在")
    if not BY_TOP[code].accepts(waybill):
        raise remote_error(f"{SEND}:B60", "运单号不符合规则或已经被使用")
    lines = _lines_to_send(gate, order)
    sendable = order.status in OPEN and not order.hold and order.trade_type != "cod"
    if not sendable or any(line.refund in STOPS or line.shipped_at for line in lines):
        raise remote_error(f"{SEND}:B04", "订单状态不对,该物流订单已经发货或者已关闭,不能重复发货")
    gate.state.world.ship(order.id, BY_TOP[code].name, waybill, line_ids=[line.id for line in lines], code=code)
    return {"shipping": {"is_success": True}}


def _lines_to_send(gate: Gateway, order: Order) -> list[Line]:
    """All that is not refunded, or with `is_split=1` the lines named in `sub_tid`."""
    split, named = gate.call.get("is_split", "0"), [part for part in gate.call.get("sub_tid").split(",") if part]
    if split not in ("0", "1") or (split == "1") != bool(named):
        raise remote_error(f"{SEND}:CD25", "拆单标记和子订单列表两者必须都填或者都不填")
    if not named:
        if any(line.shipped_at for line in order.lines) and order.status in OPEN:
            raise remote_error(f"{SEND}:CD22", "订单已拆单,必须传入子交易号列表")
        return [line for line in order.lines if line.refund is not Refund.PAID]
    chosen = [line for line in order.lines if line.id in named]
    if len(chosen) != len(named):
        raise remote_error(f"{SEND}:B06", "传入的子订单号必须完全匹配物流包裹中的子订单")
    return chosen


def companies(gate: Gateway) -> Body:
    wanted = gate.fields()
    rows = [
        {"id": number, "code": code, "name": courier.name, "reg_mail_no": f"^({courier.pattern})$"}
        for number, (code, courier) in enumerate(BY_TOP.items(), start=500)
    ]
    shown = [{name: value for name, value in row.items() if name in wanted} for row in rows]
    return {"logistics_companies": {"logistics_company": shown}}


def token_refresh(gate: Gateway) -> Body:
    """The reply holds one text, in which the token stands as JSON; its times are milliseconds."""
    if not gate.state.company.taobao.renewable:
        raise remote_error("isv.grant-type-not-supported", "当前应用类型不支持刷新授权")
    token = gate.state.tokens["taobao"].renew(gate.need("refresh_token"), extends=True)
    if token is None:
        raise remote_error("isv.refresh-token-invalid", "refresh_token无效或已过期")
    ends = int(token.expires_at.timestamp() * 1000)
    told = {
        "access_token": token.access,
        "refresh_token": token.refresh,
        "token_type": "Bearer",
        "expires_in": ends // 1000 - int(gate.state.clock.epoch()),
        "expire_time": ends,
        "taobao_user_nick": gate.state.company.taobao.nick,
    }
    return {"token_result": json.dumps(told)}


METHODS: Mapping[str, Callable[[Gateway], Body]] = {
    "taobao.time.get": time_get,
    "taobao.trades.sold.increment.get": increment,
    "taobao.trades.sold.get": sold,
    "taobao.top.auth.token.refresh": token_refresh,
    "taobao.trade.fullinfo.get": fullinfo,
    "taobao.trade.memo.update": memo_update,
    "taobao.logistics.offline.send": offline_send,
    "taobao.logistics.companies.get": companies,
}
NO_SESSION = frozenset({"taobao.time.get", "taobao.logistics.companies.get", "taobao.top.auth.token.refresh"})
