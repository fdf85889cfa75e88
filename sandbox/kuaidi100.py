"""The stand-in for 快递100: queries, subscriptions, guesses, and pushes that come again when nobody answers well.

A number is known from its first line on; tests and the demo write the lines (`Couriers.scan`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.clock import BEIJING
from sandbox.signing import same, sign_kuaidi100
from sandbox.state import State
from sandbox.world_gateway import Body, Call, Dialect, Refused, gateway, json_reply, sent_params

QUERY, SUBSCRIBE = "/poll/query.do", "/poll"
SHAPES = {
    "shunfeng": r"SF\d{13}",
    "yuantong": r"YT\d{13}",
    "zhongtong": r"7[58]\d{12}",
    "yunda": r"4\d{14}",
    "jd": r"JD[VX]?[A-Z0-9]{12,13}",
    "ems": r"E[A-Z]\d{9}CN",
    "shentong": r"77\d{13}",
    "jtexpress": r"JT\d{13}",
}
WANT_PHONE = ("shunfeng",)
LONGEST = 32
OFTENEST = timedelta(minutes=30)
AGAIN, TIMES = timedelta(minutes=35), 3
GOOD_ANSWER = {"result": True, "returnCode": "200"}
SIGNED = ("3", "4")


@dataclass(slots=True)
class Subscription:
    callback: str
    salt: str


@dataclass(slots=True)
class Track:
    company: str
    state: str = "0"
    lines: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass(slots=True)
class Push:
    """One push as it went out, and what came back."""

    url: str
    form: Mapping[str, str]
    status: int
    answer: str


@dataclass(slots=True)
class Couriers:
    """What is known of each number, who wants to be told, and what was wrong with the questions."""

    state: State
    tracks: dict[str, Track] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    asked: dict[str, datetime] = field(default_factory=dict)
    pushes: list[Push] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def scan(self, number: str, text: str, state: str = "0", *, company: str = "") -> None:
        """A line of the number's way; whoever subscribed is told."""
        track = self.tracks.setdefault(number, Track(company or _guesses(number)[0]))
        track.lines.append((self.state.world.moment(), text))
        track.state = state
        self._tell(number, "shutdown" if state in SIGNED else "polling", "")

    def abort(self, number: str, why: str = "3天查询无记录") -> None:
        """It gives up watching, and says so once."""
        self.tracks.setdefault(number, Track(_guesses(number)[0]))
        self._tell(number, "abort", why)
        self.subscriptions.pop(number, None)

    def result(self, number: str) -> Body:
        track = self.tracks[number]
        rows = [
            {"time": _time(at), "ftime": _time(at), "context": text, "areaName": "", "status": ""}
            for at, text in reversed(track.lines)
        ]
        checked = "1" if track.state in SIGNED else "0"
        return {
            "message": "ok", "nu": number, "ischeck": checked, "com": track.company, "status": "200",
            "state": track.state, "data": rows,
        }  # fmt: skip

    def _tell(self, number: str, status: str, message: str) -> None:
        wanted = self.subscriptions.get(number)
        if wanted is None:
            return
        told = {
            "status": status, "billstatus": "", "message": message, "autoCheck": "0", "comOld": "", "comNew": "",
            "lastResult": self.result(number),
        }  # fmt: skip
        param = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        form = {"sign": sign_kuaidi100(param, wanted.salt), "param": param}
        self._push(wanted.callback, form, TIMES)

    def _push(self, url: str, form: Mapping[str, str], left: int) -> None:
        if self._delivered(url, form) or left == 0:
            return
        self.state.world.later(self.state.world.moment() + AGAIN, lambda: self._push(url, form, left - 1))

    def _delivered(self, url: str, form: Mapping[str, str]) -> bool:
        try:
            reply = requests.post(url, data=form, timeout=5)
        except requests.RequestException as error:
            self.pushes.append(Push(url, form, 0, type(error).__name__))
            return False
        self.pushes.append(Push(url, form, reply.status_code, reply.text))
        try:
            said = reply.json()
        except ValueError:
            return False
        return isinstance(said, dict) and all(said.get(name) == value for name, value in GOOD_ANSWER.items())


def couriers_of(state: State) -> Couriers:
    couriers = state.parts["kuaidi100"]
    if not isinstance(couriers, Couriers):
        raise TypeError("this sandbox has no courier interface")
    return couriers


def refused(code: int, message: str) -> Refused:
    return Refused(code, {"result": False, "returnCode": str(code), "message": message})


class Kuaidi100(Dialect):
    platform = "kuaidi100"

    def read(self) -> Call:
        return Call(request.path.removeprefix("/kd100"), sent_params())

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        return refused(502 if self.read().method == QUERY else 500, "服务器繁忙")

    def expired(self) -> Refused:
        return refused(601, "POLL:KEY已过期")

    def answer(self, call: Call) -> Body:
        self.count(call, self.state.company.kuaidi100.customer)
        param = _param(call)
        return self._query(call, param) if call.method == QUERY else self._subscribe(call, param)

    def _query(self, call: Call, param: Mapping[str, Any]) -> Body:
        keys, number, company = self.state.company.kuaidi100, str(param.get("num", "")), str(param.get("com", ""))
        if call.get("customer") != keys.customer:
            raise refused(600, "您不是合法的订阅者")
        if not same(call.get("sign"), sign_kuaidi100(call.get("param"), keys.key, keys.customer)):
            raise refused(503, "验证签名失败")
        if company not in SHAPES or not 6 <= len(number) <= LONGEST:
            raise refused(400, "找不到对应公司")
        couriers = couriers_of(self.state)
        before, now = couriers.asked.get(number), self.state.clock.now()
        if before is not None and now - before < OFTENEST:
            couriers.complaints.append(f"{number} asked again after {now - before}")
        couriers.asked[number] = now
        if company in WANT_PHONE and not re.fullmatch(r"\d{4}|1\d{10}", str(param.get("phone", ""))):
            raise refused(408, "快递公司参数异常：验证码错误")
        track = couriers.tracks.get(number)
        if track is None or track.company != company:
            raise refused(500, "查询无结果，请隔段时间再查")
        return couriers.result(number)

    def _subscribe(self, call: Call, param: Mapping[str, Any]) -> Body:
        if call.get("schema") != "json":
            raise refused(700, "提交的数据格式不是json")
        if param.get("key") != self.state.company.kuaidi100.key:
            raise refused(600, "您不是合法的订阅者（即授权Key出错）")
        number, wishes = str(param.get("number", "")), param.get("parameters")
        if not isinstance(wishes, dict) or not str(wishes.get("callbackurl", "")).startswith("http"):
            raise refused(700, "订阅方的订阅数据存在错误：callbackurl")
        if param.get("company") not in SHAPES:
            raise refused(701, "拒绝订阅的快递公司")
        if not 6 <= len(number) <= LONGEST:
            raise refused(700, "订阅方的订阅数据存在错误：number")
        couriers = couriers_of(self.state)
        if number in couriers.subscriptions:
            raise refused(501, "重复订阅")
        couriers.subscriptions[number] = Subscription(wishes["callbackurl"], str(wishes.get("salt", "")))
        return {"result": True, "returnCode": "200", "message": "提交成功"}


def _param(call: Call) -> Mapping[str, Any]:
    try:
        param = json.loads(call.get("param") or "null")
    except ValueError:
        param = None
    if not isinstance(param, dict):
        raise refused(400, "提交的数据不完整")
    return param


def _guesses(number: str) -> list[str]:
    return [company for company, shape in SHAPES.items() if re.fullmatch(shape, number)] or ["yuantong"]


def _time(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def register(app: Flask, state: State) -> None:
    def forget() -> None:
        state.parts["kuaidi100"] = Couriers(state)

    def detect() -> Response:
        if request.args.get("key") != state.company.kuaidi100.key:
            return json_reply({"returnCode": "600", "message": "您不是合法的订阅者"})
        return jsonify([{"comCode": company, "lengthPre": 0} for company in _guesses(request.args.get("num", ""))])

    def scan() -> Response | tuple[Response, int]:
        body: Any = request.get_json(silent=True) or {}
        try:
            couriers_of(state).scan(**body)
        except TypeError as error:
            return jsonify({"error": str(error)}), 400
        return jsonify({"ok": True})

    forget()
    state.on_reset.append(forget)
    view = gateway(Kuaidi100(state))
    pages = Blueprint("kuaidi100", __name__)
    pages.add_url_rule(f"/kd100{QUERY}", endpoint="query", view_func=view, methods=["POST"])
    pages.add_url_rule(f"/kd100{SUBSCRIBE}", endpoint="subscribe", view_func=view, methods=["POST"])
    pages.add_url_rule("/kd100/autonumber/auto", endpoint="detect", view_func=detect, methods=["GET"])
    pages.add_url_rule("/control/courier/scan", endpoint="scan", view_func=scan, methods=["POST"])
    app.register_blueprint(pages)
