"""The stand-in for 聚水潭's open platform: protocol, checks, errors (code other than 0 inside HTTP 200)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, request

from sandbox.clock import BEIJING
from sandbox.erp import CANCELLED, MERGED, OPEN, QUESTION, SENT, SPLIT, ErpOrder, ErpWorld, Shelf, erp_of
from sandbox.signing import same, sign_jushuitan
from sandbox.state import State
from sandbox.world_gateway import Body, Call, Dialect, Refused, gateway, is_number, sent_params
from sandbox.world_tokens import Tokens

TOLERANCE_SECONDS = 600
LIFE = timedelta(days=30)
SPAN = timedelta(days=7)
MOST_ORDERS = 50
MOST_STOCK = 100
STATES = {
    OPEN: "WaitConfirm",
    QUESTION: "Question",
    SENT: "Sent",
    CANCELLED: "Cancelled",
    MERGED: "Merged",
    SPLIT: "Split",
}
RENEW = "/openWeb/auth/refreshToken"
Biz = Mapping[str, Any]


def refused(code: int, message: str) -> Refused:
    return Refused(code, {"code": code, "issuccess": False, "msg": message, "data": None})


class Jushuitan(Dialect):
    platform = "jushuitan"

    def read(self) -> Call:
        return Call(request.path.removeprefix("/jst"), sent_params())

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        if of_app or seconds > 2:
            return refused(200, "调用频次超过限制,请求频率一分钟不超过100次")
        return refused(199, "调用频次超过限制!请稍后再试")

    def expired(self) -> Refused:
        return refused(100, "验证失败！无效的access_token或access_token已过期")

    def answer(self, call: Call) -> Body:
        self._check_protocol(call)
        self.count(call, call.get("app_key"))
        if call.method == RENEW:
            return _told(self._renew(call))
        self._check_token(call)
        method = METHODS.get(call.method)
        if method is None:
            raise refused(190, "验证失败！无API权限，请申请API权限")
        erp = erp_of(self.state)
        erp.refresh()
        return _told(method(erp, _biz(call)))

    def _check_protocol(self, call: Call) -> None:
        keys = self.state.company.jushuitan
        if call.get("app_key") != keys.app_key or not call.get("sign"):
            raise refused(100, "合作者授权参数有误")
        stamp = call.get("timestamp")
        if not is_number(stamp) or abs(self.state.clock.epoch() - int(stamp)) > TOLERANCE_SECONDS:
            raise refused(180, "请求时间戳TS无效，请求最大时间误差10分钟")
        if call.get("charset").lower() != "utf-8":
            raise refused(140, "参数不符合规范:charset")
        if not same(call.get("sign"), sign_jushuitan(call.params, keys.app_secret)):
            raise refused(120, "签名错误")

    def _check_token(self, call: Call) -> None:
        if call.get("version") != "2":
            raise refused(140, "参数不符合规范:version")
        if not self.state.tokens[self.platform].alive(call.get("access_token")):
            raise self.expired()

    def _renew(self, call: Call) -> Body:
        if call.get("grant_type") != "refresh_token" or call.get("scope") != "all":
            raise refused(140, "参数不符合规范:grant_type")
        token = self.state.tokens[self.platform].renew(call.get("refresh_token"), extends=True)
        if token is None:
            raise refused(100, "refresh_token无效或已过期")
        seconds = int((token.expires_at - self.state.clock.now()).total_seconds())
        return {"access_token": token.access, "refresh_token": token.refresh, "expires_in": seconds, "scope": "all"}


def _told(data: Body) -> Body:
    return {"code": 0, "issuccess": True, "msg": "执行成功", "data": data}


def _biz(call: Call) -> Biz:
    try:
        biz = json.loads(call.get("biz") or "null")
    except ValueError:
        biz = None
    if not isinstance(biz, dict):
        raise refused(130, "传输数据不能为空")
    return biz


def _page(biz: Biz, most: int) -> tuple[int, int]:
    index, size = biz.get("page_index", 1), biz.get("page_size", 30)
    if not isinstance(index, int) or not isinstance(size, int) or index < 1 or not 1 <= size <= most:
        raise refused(140, f"page_size最大不超过{most}")
    return index, size


def _window(biz: Biz) -> tuple[datetime, datetime]:
    texts = biz.get("modified_begin"), biz.get("modified_end")
    if not all(texts):
        raise refused(140, "修改起始时间和结束时间必须同时存在")
    try:
        start, end = (datetime.strptime(str(one), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING) for one in texts)
    except ValueError:
        raise refused(140, "时间格式错误") from None
    if end < start or end - start > SPAN:
        raise refused(140, "时间间隔不能超过七天")
    return start, end


def orders(erp: ErpWorld, biz: Biz) -> Body:
    index, size = _page(biz, MOST_ORDERS)
    start, end = _window(biz)
    if biz.get("date_type", 0) != 0:
        raise refused(140, "date_type暂不支持")
    rows = [one for one in erp.orders.values() if start <= one.modified_at <= end]
    rows.sort(key=lambda one: (one.modified_at, one.number), reverse=True)
    shown = rows[(index - 1) * size : index * size]
    return {
        "page_index": index, "page_size": size, "data_count": len(rows), "page_count": -(-len(rows) // size),
        "has_next": index * size < len(rows), "orders": [_order_row(one) for one in shown],
    }  # fmt: skip


def _order_row(order: ErpOrder) -> Body:
    row: dict[str, object] = {
        "o_id": int(order.number),
        "so_id": order.orders[0],
        "shop_id": int(order.shop),
        "status": STATES[order.state],
        "modified": _time(order.modified_at),
        "logistics_company": order.company,
        "l_id": order.waybill,
        "send_date": _time(order.sent_at) if order.sent_at else None,
        "items": [
            {"sku_id": sku, "qty": pieces, "raw_so_id": number}
            for number in order.orders
            for sku, pieces in order.needs.items()
        ],
    }
    if order.state == QUESTION:
        row |= {"question_type": order.words, "question_desc": ""}
    return row


def inventory(erp: ErpWorld, biz: Biz) -> Body:
    _, size = _page(biz, MOST_STOCK)
    if "ts" in biz and ("modified_begin" in biz or "sku_ids" in biz):
        raise refused(140, "使用ts时不传修改时间")
    if "ts" in biz:
        rows = [shelf for shelf in erp.shelves.values() if shelf.version >= int(biz["ts"])]
    elif "sku_ids" in biz:
        rows = [erp.shelves[sku] for sku in str(biz["sku_ids"]).split(",")[:100] if sku in erp.shelves]
    else:
        start, end = _window(biz)
        rows = [shelf for shelf in erp.shelves.values() if shelf.modified_at and start <= shelf.modified_at <= end]
    rows.sort(key=lambda shelf: shelf.version)
    return {
        "page_index": 1, "page_size": size, "has_next": len(rows) > size,
        "inventorys": [_stock_row(erp, shelf) for shelf in rows[:size]],
    }  # fmt: skip


def _stock_row(erp: ErpWorld, shelf: Shelf) -> Body:
    return {
        "sku_id": shelf.sku,
        "i_id": shelf.sku.rsplit("-", 1)[0],
        "qty": shelf.on_hand,
        "order_lock": erp.held(shelf.sku),
        "pick_lock": 0,
        "virtual_qty": 0,
        "purchase_qty": shelf.incoming,
        "lock_qty": 0,
        "modified": _time(shelf.modified_at) if shelf.modified_at else None,
        "ts": shelf.version,
    }


def _time(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


METHODS: Mapping[str, Callable[[ErpWorld, Biz], Body]] = {
    "/open/orders/single/query": orders,
    "/open/inventory/query": inventory,
}


def register(app: Flask, state: State) -> None:
    def forget() -> None:
        state.tokens["jushuitan"] = Tokens(state.clock, state.company.jushuitan.access_token, LIFE)

    forget()
    state.on_reset.append(forget)
    app.add_url_rule("/jst/<path:rest>", view_func=gateway(Jushuitan(state)), methods=["POST"])
