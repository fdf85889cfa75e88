"""What Douyin's methods do with the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.douyin_tokens import DouyinTokens, Pair
from sandbox.state import State
from sandbox.world_couriers import Courier
from sandbox.world_douyin import BY_DOUYIN, after_sale_row, order_row, order_status
from sandbox.world_gateway import Body, Call, Refused
from sandbox.world_order import GONE, OPEN, Line, Order, Refund, Status

REACH = timedelta(days=90)
MOST_SIZE = 100
MOST_ROWS = 10_000
MOST_AFTER_SALES = 50_000
MEMO_LENGTH = 500
FLAGS = {"0": 0, "1": 5, "2": 4, "3": 3, "4": 2, "5": 1}


def refused(code: int, message: str, sub_code: str = "", sub_message: str = "") -> Refused:
    said = {"code": code, "msg": message, "sub_code": sub_code, "sub_msg": sub_message or message, "data": {}}
    return Refused(code, said)


def invalid(number: int, message: str) -> Refused:
    return refused(40004, "非法的参数", f"isv.parameter-invalid:{number}", message)


def failed(number: int, message: str) -> Refused:
    return refused(50002, "业务处理失败", f"isv.business-failed:{number}", message)


@dataclass(slots=True)
class Gateway:
    """One call, its parameters with the types they were sent in, and the shop it is made to."""

    state: State
    call: Call
    params: Mapping[str, Any]

    @property
    def tokens(self) -> DouyinTokens:
        tokens = self.state.tokens["douyin"]
        assert isinstance(tokens, DouyinTokens)
        return tokens

    def need(self, name: str) -> str:
        value = self.params.get(name)
        if not isinstance(value, str) or not value:
            raise refused(40002, "缺少必选参数", f"isv.missing-parameter:{name}", f"{name}不能为空")
        return value

    def number(self, name: str, number: int) -> int:
        """A JSON integer, or refused with the business number of this fault."""
        value = self.params.get(name)
        if type(value) is not int or value < 0:
            raise invalid(number, f"{name}必须是不小于0的整数")
        return value

    def page(self, rows: list[Any], most: int) -> tuple[list[Any], int, int]:
        """The rows of the page that is asked for, its number and size."""
        page, size = self.number("page", 10035), self.number("size", 20008)
        if not 1 <= size <= MOST_SIZE:
            raise invalid(20008, "单次查询订单数超过限制")
        if page * size > most:
            raise invalid(20013, f"订单查询最多支持查询{most}条")
        return rows[page * size : (page + 1) * size], page, size

    def window(self, start: str, end: str) -> tuple[datetime, datetime]:
        times = [self.number(name, 20011) for name in (start, end)]
        if times[0] >= times[1]:
            raise invalid(20011, "结束时间必须大于开始时间")
        return datetime.fromtimestamp(times[0], UTC), datetime.fromtimestamp(times[1], UTC)

    def order(self, name: str, fault: Refused) -> Order:
        order = self.state.world.find(self.need(name))
        if order is None or order.platform != "douyin":
            raise fault
        return order


def search(gate: Gateway) -> Body:
    by = gate.params.get("order_by", "create_time")
    if by not in ("create_time", "update_time"):
        raise invalid(20011, "order_by不支持")
    windows = [name for name in ("create_time", "update_time") if f"{name}_start" in gate.params]
    if not windows:
        raise invalid(20011, "订单查询开始时间不能为空")
    rows = gate.state.world.orders("douyin")
    for name in windows:
        start, end = gate.window(f"{name}_start", f"{name}_end")
        if start < gate.state.clock.now() - REACH:
            raise invalid(20022, "订单查询只支持查询最近90天内的数据")
        rows = [order for order in rows if start <= _time(order, name) <= end]
    if (states := _states(gate)) is not None:
        rows = [order for order in rows if str(order_status(order)) in states]
    rows.sort(key=lambda order: (_time(order, by), order.id), reverse=gate.params.get("order_asc") is not True)
    gate.call.listed = rows
    shown, page, size = gate.page(rows, MOST_ROWS)
    return {"page": page, "size": size, "total": len(rows), "shop_order_list": [order_row(order) for order in shown]}


def _time(order: Order, name: str) -> datetime:
    """Platforms know whole seconds only."""
    at = order.created_at if name == "create_time" else order.modified_at
    return at.replace(microsecond=0)


def _states(gate: Gateway) -> list[str] | None:
    """The states that are asked for; None means all."""
    asked = gate.params.get("combine_status") or []
    if not isinstance(asked, list) or len(asked) > 1:
        raise invalid(20012, "订单查询状态条件超过限制，只支持1个元素")
    states = str(asked[0].get("order_status", "")) if asked else ""
    return states.split(",") if states else None


def order_detail(gate: Gateway) -> Body:
    return {"shop_order_detail": order_row(gate.order("shop_order_id", invalid(20014, "查询订单不存在")))}


def after_sales(gate: Gateway) -> Body:
    start, end = gate.window("update_start_time", "update_end_time")
    asked = gate.params.get("order_by", [])
    if not isinstance(asked, list) or not set(asked) <= {"update_time asc", "update_time desc"}:
        raise invalid(11000, "order_by不支持")
    found = [(order.after_sale_at, order) for order in gate.state.world.orders("douyin") if order.after_sale_at]
    inside = sorted((at, order.id, order) for at, order in found if start <= at.replace(microsecond=0) <= end)
    rows = [order for _, _, order in inside]
    shown, page, size = gate.page(rows, MOST_AFTER_SALES)
    more = len(rows) > (page + 1) * size
    items = [after_sale_row(order) for order in shown]
    return {"page": page, "size": len(items), "total": len(rows), "has_more": more, "items": items}


def logistics_add(gate: Gateway) -> Body:
    order, courier = _to_ship(gate, gate.params)
    if order.status is Status.PART_SHIPPED:
        raise failed(70023, "订单已部分发货，请使用拆单发货接口")
    if any(line.refund is Refund.ASKED for line in order.lines):
        raise failed(60040, "发货订单中有退款申请需要处理，请先处理。")
    gate.state.world.ship(order.id, courier.name, gate.need("logistics_code"), code=gate.need("company_code"))
    return {"pack_id": f"69{order.id}"}


def logistics_add_multi_pack(gate: Gateway) -> Body:
    request_id, packs = gate.need("request_id"), gate.params.get("pack_list")
    if not isinstance(packs, list) or not packs:
        raise failed(60036, "发货信息为空。")
    done = gate.state.parts.setdefault("douyin.packs", {})
    assert isinstance(done, dict)
    if request_id not in done:
        for pack in packs:
            _ship_pack(gate, pack)
        done[request_id] = {"pack_list": [{"logistics_code": pack["logistics_code"]} for pack in packs]}
    return dict(done[request_id])


def _ship_pack(gate: Gateway, pack: Mapping[str, Any]) -> None:
    order, courier = _to_ship(gate, {"order_id": gate.params.get("order_id"), **pack})
    lines = [_named(order, named) for named in pack.get("shipped_order_info") or []]
    if not lines:
        raise failed(60036, "发货信息为空。")
    world = gate.state.world
    code = str(pack["company_code"])
    world.ship(order.id, courier.name, str(pack["logistics_code"]), line_ids=[line.id for line in lines], code=code)


def _named(order: Order, named: Mapping[str, Any]) -> Line:
    line = next((line for line in order.lines if line.id == named.get("shipped_order_id")), None)
    if line is None:
        raise failed(60102, "商品单不存在，请仔细检查后重试")
    if line.refund is Refund.PAID:
        raise failed(60068, "该订单已售前退款成功，不能发货。")
    if line.refund is Refund.ASKED:
        raise failed(60120, "订单正在售后中，请确认后发货。")
    if line.shipped_at is not None:
        raise failed(60110, "订单已发货，不允许再次执行发货。")
    if named.get("shipped_num", line.quantity) != line.quantity:
        raise failed(60080, "发货数量与商品单不符")
    return line


def _to_ship(gate: Gateway, params: Mapping[str, Any]) -> tuple[Order, Courier]:
    """The order, if it may leave at all, and the courier, if the number is one of its own."""
    asked = Gateway(gate.state, gate.call, params)
    order = asked.order("order_id", failed(60033, "订单不存在，请仔细检查后重试。"))
    courier = BY_DOUYIN.get(asked.need("company_code"))
    if courier is None:
        raise failed(60018, "暂不支持该物流公司或物流商已失效，请检查。")
    if not courier.accepts(asked.need("logistics_code")):
        raise invalid(60017, "物流单号不符合规则")
    if order.status in GONE:
        raise failed(60110, "订单已发货，不允许再次执行发货。")
    if order.status is Status.CANCELLED:
        raise failed(60021, "订单已取消，禁止发货。")
    if order_status(order) == 105:
        raise failed(60109, "订单正在风控审核中，请等待订单变为“备货中”状态后重试。")
    if order.status not in OPEN:
        raise failed(60137, "订单未支付，禁止发货。")
    return order, courier


def companies(_gate: Gateway) -> Body:
    rows = [{"id": number, "name": courier.name, "code": code} for number, (code, courier) in enumerate(_listed(), 1)]
    return {"data": rows}


def _listed() -> list[tuple[str, Courier]]:
    return list(BY_DOUYIN.items())


def add_remark(gate: Gateway) -> Body:
    order = gate.order("order_id", invalid(20002, "20002:orderId不存在，请检查订单号"))
    remark = gate.need("remark")
    if len(remark) > MEMO_LENGTH:
        raise failed(50056, "50056:订单备注内容超过规定字数")
    changes: dict[str, object] = {"memo": remark}
    if gate.params.get("is_add_star", "false") == "true":
        star = str(gate.params.get("star", ""))
        if star not in FLAGS:
            raise invalid(50002, "50002:参数不合法，建议根据文档检查传入数据")
        changes["flag"] = FLAGS[star]
    gate.state.world.edit(order.id, **changes)
    return {}


def token_create(gate: Gateway) -> Body:
    if gate.params.get("grant_type") != "authorization_self":
        raise _no_token("grant-type-invalid", "grant_type参数取值不正确，请参照文档根据应用类型填写不同的值")
    if gate.params.get("shop_id") != gate.state.company.douyin.shop_id:
        raise _no_token("no-authorization", "店铺授权已失效，请重新引导商家完成店铺授权")
    pair = gate.tokens.create()
    if pair is None:
        raise _no_token("no-authorization", "店铺授权已失效，请重新引导商家完成店铺授权")
    return _pair_row(gate, pair)


def token_refresh(gate: Gateway) -> Body:
    if gate.params.get("grant_type") != "refresh_token":
        raise _no_token("grant-type-invalid", "grant_type参数取值不正确，请参照文档根据应用类型填写不同的值")
    pair = gate.tokens.refresh(gate.need("refresh_token"))
    if pair is None:
        raise failed(31009, "生成token失败, token不存在")
    return _pair_row(gate, pair)


def _no_token(why: str, message: str) -> Refused:
    return refused(50001, "平台处理失败", f"dop.token-generate-failed:{why}", f"生成token失败，{message}")


def _pair_row(gate: Gateway, pair: Pair) -> Body:
    shop = gate.state.company.douyin
    return {
        "access_token": pair.access,
        "expires_in": int(pair.expires_at.timestamp() - gate.state.clock.epoch()),
        "refresh_token": pair.refresh,
        "scope": "SCOPE",
        "shop_id": int(shop.shop_id),
        "shop_name": shop.nick,
        "authority_id": "",
        "auth_subject_type": "",
    }


METHODS: Mapping[str, Callable[[Gateway], Body]] = {
    "order.searchList": search,
    "order.orderDetail": order_detail,
    "afterSale.List": after_sales,
    "order.logisticsAdd": logistics_add,
    "order.logisticsAddMultiPack": logistics_add_multi_pack,
    "order.logisticsCompanyList": companies,
    "order.addOrderRemark": add_remark,
    "token.create": token_create,
    "token.refresh": token_refresh,
}
NO_TOKEN = frozenset({"token.create", "token.refresh"})
