"""The stand-in for Pinduoduo's POP gateway: protocol, checks, errors. The methods are in world_pdd_methods.py."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Flask, request

from sandbox.signing import same, sign_pdd
from sandbox.state import State
from sandbox.world_gateway import Body, Call, Dialect, Refused, gateway, is_number, sent_params
from sandbox.world_pdd_methods import METHODS, NO_TOKEN, Gateway, refused
from sandbox.world_tokens import Tokens

TOLERANCE_SECONDS = 600
LIFE = timedelta(days=365)
BAN_SECONDS = 60  # a throttle longer than this is the gateway's, not the method's


class Pdd(Dialect):
    platform = "pdd"

    def read(self) -> Call:
        params = sent_params()
        if request.is_json:
            sent = request.get_json(silent=True)
            params |= {name: _as_text(value) for name, value in sent.items()} if isinstance(sent, dict) else {}
        return Call(params.get("type", ""), params)

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        if seconds > BAN_SECONDS:
            return refused(52101, "当前接口被限流,请稍后重试", "52101")
        return refused(70031, "调用过于频繁,请调整调用频率", "70031")

    def expired(self) -> Refused:
        return refused(10019, "access_token已过期", "10019")

    def answer(self, call: Call) -> Body:
        self._check_protocol(call)
        self.count(call, call.get("client_id"))
        if call.method not in NO_TOKEN:
            self._check_token(call)
        root, method = METHODS[call.method]
        body = method(Gateway(self.state, call))
        return {root: {**body, "request_id": f"17{len(self.state.world.calls):015d}"}}

    def _check_protocol(self, call: Call) -> None:
        shop = self.state.company.pdd
        if not call.method or call.method not in METHODS:
            raise refused(10017, "type不存在", "10017")
        if call.get("client_id") != shop.client_id:
            raise refused(10016, "client_id错误", "10016")
        stamp = call.get("timestamp")
        if not stamp or not call.get("sign"):
            raise refused(10018, "公共参数缺失", "10018")
        if not is_number(stamp) or abs(self.state.clock.epoch() - int(stamp)) > TOLERANCE_SECONDS:
            raise refused(10001, "timestamp参数错误,与服务器时间相差超过10分钟", "10001")
        if call.get("data_type", "JSON") != "JSON":
            raise refused(10018, "data_type只支持JSON", "10018")
        if not same(call.get("sign"), sign_pdd(call.params, shop.client_secret)):
            raise refused(20004, "签名sign校验失败", "20004")

    def _check_token(self, call: Call) -> None:
        if not call.get("access_token"):
            raise refused(10018, "公共参数缺失:access_token", "10018")
        alive = self.state.tokens[self.platform].alive(call.get("access_token"))
        if alive is None:
            raise refused(20032, "access_token与client_id不匹配", "20032")
        if not alive:
            raise self.expired()


def _as_text(value: object) -> str:
    """How the platform reads a JSON field when it checks the signature."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def register(app: Flask, state: State) -> None:
    def forget() -> None:
        state.tokens["pdd"] = Tokens(state.clock, state.company.pdd.access_token, LIFE)

    forget()
    state.on_reset.append(forget)
    app.add_url_rule("/pdd/api/router", view_func=gateway(Pdd(state)), methods=["POST"])
