"""The stand-in for WeCom's 对外收款: an application that may read bills, and the bills of those it may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, request

from sandbox.state import State
from sandbox.world_bills import Bill, bill_row, bills_of
from sandbox.world_errcode import Cursors, Errcode, refused
from sandbox.world_gateway import Body, Call, Refused, gateway
from sandbox.world_own_tokens import OwnTokens

TOKEN = "/cgi-bin/gettoken"
LIST = "/cgi-bin/externalpay/get_bill_list"
SPAN = timedelta(days=31)
MOST = 1000


class WecomPay(Errcode):
    """`allowed`: whether the application is among those that may read bills. `unseen`: members whose bills are taken
    out of a page, which then is shorter than asked for."""

    platform = "wecom_pay"
    unknown_token = 40014

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.cursors = Cursors(state.clock)
        self.allowed = True
        self.unseen: set[str] = set()
        state.on_reset.append(self._forget)

    def _forget(self) -> None:
        self.cursors.forget()
        self.allowed = True
        self.unseen.clear()

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        return refused(45009, "api freq out of limit")

    def application(self) -> str:
        return self.state.company.wecom_pay.corpid

    def give_token(self, call: Call) -> Body | None:
        if call.method != TOKEN:
            return None
        keys = self.state.company.wecom_pay
        if request.args.get("corpid") != keys.corpid:
            raise refused(40013, "invalid corpid")
        if not request.args.get("corpsecret"):
            raise refused(41004, "corpsecret missing")
        if request.args["corpsecret"] != keys.secret or self.tokens.withdrawn:
            raise refused(40001, "invalid credential")
        token, seconds = self.tokens.fetch()
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": seconds}

    def work(self, call: Call, body: dict[str, Any]) -> Body:
        if call.method != LIST:
            raise refused(40066, "invalid url")
        if not self.allowed:
            raise refused(48002, "api forbidden: not among the applications that may read payments")
        start, end = _moment(body, "begin_time"), _moment(body, "end_time")
        if end < start or end - start > SPAN.total_seconds():
            raise refused(40058, "invalid parameter: end_time must be within 1 month")
        return self._page(call, body, (start, end))

    def _page(self, call: Call, body: dict[str, Any], span: tuple[int, int]) -> Body:
        limit, cursor = body.get("limit", MOST), body.get("cursor", "")
        if type(limit) is not int or not 1 <= limit <= MOST:
            raise refused(40058, "invalid parameter: limit")
        question = {name: value for name, value in body.items() if name != "cursor"}
        after = self.cursors.place(str(cursor), question) if cursor else (-1.0, "")
        if after is None:
            raise refused(40058, "invalid parameter: cursor")
        bills = self._in(span)
        call.listed = [bill.order for bill in bills]
        left = [bill for bill in bills if (bill.at.timestamp(), bill.key) > after]
        shown = left[:limit]
        seen = [bill for bill in shown if self._payee(bill) not in self.unseen]
        merchant = self.state.company.wecom_pay.merchant
        page: dict[str, Any] = {"bill_list": [bill_row(bill, self._payee(bill), merchant) for bill in seen]}
        if len(left) > limit:
            last = shown[-1]
            page["next_cursor"] = self.cursors.give(question, (last.at.timestamp(), last.key))
        return page

    def _in(self, span: tuple[int, int]) -> list[Bill]:
        every = (bill for order in self.state.world.orders("wecom_pay") for bill in bills_of(order))
        inside = [bill for bill in every if span[0] <= bill.at.timestamp() <= span[1]]
        return sorted(inside, key=lambda bill: (bill.at, bill.key))

    def _payee(self, bill: Bill) -> str:
        """Who of the company took the payment."""
        people = self.state.company.people
        return people[int(bill.order.id[-4:]) % 2].userid


def _moment(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if type(value) is not int or value <= 0:
        raise refused(40058, f"invalid parameter: {name}")
    return value


def wecom_pay_of(state: State) -> WecomPay:
    part = state.parts["wecom_pay"]
    if not isinstance(part, WecomPay):
        raise TypeError("the wecom_pay part is not registered")
    return part


def register(app: Flask, state: State) -> None:
    def forget() -> None:
        state.tokens["wecom_pay"] = OwnTokens(state.clock, "sandbox-wecompay-token-0001")

    forget()
    state.on_reset.append(forget)
    state.parts["wecom_pay"] = pay = WecomPay(state)
    app.add_url_rule("/wecompay/<path:path>", view_func=gateway(pay), methods=["GET", "POST"])
