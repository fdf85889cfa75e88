"""The stand-in for 旺店通's open platform: protocol, checks, errors (code other than 0 inside HTTP 200).

As the real one it leaves out the orders of platforms that want them asked for elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from flask import Flask, request

from sandbox.clock import BEIJING
from sandbox.erp import CANCELLED, OPEN, QUESTION, SENT, SHOPS, ErpOrder, ErpWorld, Shelf, erp_of
from sandbox.signing import same, sign_wangdian
from sandbox.state import State
from sandbox.world_gateway import Body, Call, Dialect, Refused, gateway, is_number, sent_params

TOLERANCE_SECONDS = 300
STOCK_SPAN = timedelta(days=30)
ORDER_SPAN = timedelta(hours=1)
MOST = 100
STATES = {OPEN: 50, QUESTION: 53, SENT: 95, CANCELLED: 5}
HIDDEN = (SHOPS["taobao"], SHOPS["pdd"])
SHIPPED_ONLY, FROM_AUDIT = "1", "2"


def refused(code: int, message: str) -> Refused:
    return Refused(code, {"code": code, "message": message})


class Wangdian(Dialect):
    platform = "wangdian"

    def read(self) -> Call:
        return Call(request.path.removeprefix("/wdt/openapi2"), sent_params())

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        return refused(1070, "调用频率超过限制,请稍后再试")

    def expired(self) -> Refused:
        return refused(1060, "充值余额为0或应用已欠费，请联系商务充值")

    def answer(self, call: Call) -> Body:
        keys = self.state.company.wangdian
        if call.get("sid") != keys.sid or call.get("appkey") != keys.app_key:
            raise refused(1010, "sid或appkey错误")
        stamp = call.get("timestamp")
        if not is_number(stamp) or abs(self.state.clock.epoch() - int(stamp)) > TOLERANCE_SECONDS:
            raise refused(1030, "timestamp与服务器时间误差超过5分钟")
        if not same(call.get("sign"), sign_wangdian(call.params, keys.app_secret)):
            raise refused(1020, "sign签名错误")
        self.count(call, call.get("appkey"))
        method = METHODS.get(call.method)
        if method is None:
            raise refused(1040, "没有接口权限")
        erp = erp_of(self.state)
        erp.refresh()
        return {"code": 0, "message": "", **method(erp, call)}


def _window(call: Call, span: timedelta) -> tuple[datetime, datetime]:
    texts = call.get("start_time"), call.get("end_time")
    if not all(texts):
        raise refused(2900, "时间范围与订单编号不能全部为空")
    try:
        start, end = (datetime.strptime(one, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING) for one in texts)
    except ValueError:
        raise refused(2901, "参数格式错误:start_time,end_time") from None
    if end < start or end - start > span:
        raise refused(2902, f"时间跨度不能超过{int(span.total_seconds()) // 60}分钟")
    return start, end


def _page(call: Call) -> tuple[int, int]:
    number, size = call.get("page_no", "0"), call.get("page_size", "40")
    if not is_number(number) or not is_number(size) or not 1 <= int(size) <= MOST:
        raise refused(2903, f"参数错误:page_size范围1~{MOST}")
    return int(number), int(size)


def _shown(call: Call, key: str, rows: list[Body]) -> Body:
    number, size = _page(call)
    counted: Body = {"total_count": len(rows)} if number == 0 else {}  # told with the first page alone
    return {**counted, key: rows[number * size : (number + 1) * size]}


def stock(erp: ErpWorld, call: Call) -> Body:
    start, end = _window(call, STOCK_SPAN)
    rows = [shelf for shelf in erp.shelves.values() if shelf.modified_at and start <= shelf.modified_at <= end]
    rows.sort(key=lambda shelf: shelf.version)
    return _shown(call, "stocks", [_stock_row(erp, shelf) for shelf in rows])


def _stock_row(erp: ErpWorld, shelf: Shelf) -> Body:
    return {
        "rec_id": str(2_777_000_000_000_000_000 + shelf.version),
        "spec_no": shelf.sku,
        "warehouse_no": "001",
        "stock_num": f"{shelf.on_hand}.0000",
        "available_num": f"{shelf.on_hand - erp.held(shelf.sku)}.0000",
        "purchase_in_transit_num": f"{shelf.incoming}.0000",
        "defect": 0,
        "modified": _time(shelf.modified_at) if shelf.modified_at else "",
    }


def stockouts(erp: ErpWorld, call: Call) -> Body:
    start, end = _window(call, ORDER_SPAN)
    kind = call.get("status_type", SHIPPED_ONLY)
    wanted = (SENT,) if kind == SHIPPED_ONLY else tuple(STATES)
    rows = [
        one
        for one in erp.orders.values()
        if start <= one.modified_at <= end and one.state in wanted and one.shop not in HIDDEN
    ]
    rows.sort(key=lambda one: (one.modified_at, one.number))
    return _shown(call, "stockout_list", [_row(one) for one in rows])


def _row(order: ErpOrder) -> Body:
    return {
        "stockout_id": str(2_756_000_000_000_000_000 + int(order.number)),
        "order_no": f"JY{order.number}",
        "status": STATES[order.state],
        "shop_no": order.shop,
        "src_tids": ",".join(order.orders),
        "logistics_no": order.waybill,
        "logistics_name": order.company,
        "logistics_type_name": order.company,
        "consign_time": _time(order.sent_at) if order.sent_at else "",
        "modified": _time(order.modified_at),
        "details_list": [{"spec_no": sku, "num": f"{pieces}.0000"} for sku, pieces in order.needs.items()],
    }


def _time(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


METHODS: Mapping[str, Callable[[ErpWorld, Call], Body]] = {
    "/stock_query.php": stock,
    "/stockout_order_query_trade.php": stockouts,
}


def register(app: Flask, state: State) -> None:
    app.add_url_rule("/wdt/openapi2/<path:rest>", view_func=gateway(Wangdian(state)), methods=["POST"])
