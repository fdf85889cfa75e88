"""The stand-in for Douyin's open platform: protocol, checks, errors. The methods are in world_douyin_methods.py."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request

from sandbox.douyin_tokens import DouyinTokens
from sandbox.signing import same, sign_douyin
from sandbox.state import State
from sandbox.world_douyin_methods import METHODS, NO_TOKEN, Gateway, refused
from sandbox.world_gateway import Body, Call, Dialect, Refused, gateway, is_number, json_reply

TOLERANCE_SECONDS = 600
WAYS = ("md5", "hmac-sha256")


class Douyin(Dialect):
    platform = "douyin"

    def read(self) -> Call:
        """Fields of the body are noted beside those of the address; what is checked is the body's own text."""
        query = request.args.to_dict()
        return Call(query.get("method", ""), _shown(_body()) | query)

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        return refused(60000, "触发限流，请稍后重试", "isv.traffic-limited", "请求太频繁，请稍后重试")

    def expired(self) -> Refused:
        return refused(40003, "非法的参数", "isv.access-token-expired", "access_token已过期")

    def answer(self, call: Call) -> Body:
        self._check_protocol(call)
        self._check_signature(call)
        params = _params(_body())
        self.count(call, call.get("app_key"))
        if call.method not in NO_TOKEN:
            self._check_token(call)
        told = METHODS[call.method](Gateway(self.state, call, params))
        # The list of couriers is the one reply whose data is no object.
        data = told["data"] if call.method == "order.logisticsCompanyList" else told
        return {"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "data": data}

    def write(self, _call: Call, body: Body) -> Response:
        log_id = f"{self.state.clock.beijing():%Y%m%d%H%M%S}{len(self.state.world.calls):018X}"
        return json_reply({**body, "log_id": log_id})

    def _check_protocol(self, call: Call) -> None:
        if call.method not in METHODS or request.path != f"/douyin/{call.method.replace('.', '/')}":
            raise refused(70000, "接口服务已下线", "isp.api-service-off", "API不存在或API已下线")
        if not call.get("app_key"):
            raise refused(40001, "缺少必选参数", "isv.app-id-missing", "认证失败，app_key不存在")
        if call.get("app_key") != self.state.company.douyin.app_key:
            raise refused(40003, "非法的参数", "isv.app-id-invalid", "认证失败，app_key格式不正确，应为19位纯数字")
        stamp = call.get("timestamp")
        if not is_number(stamp):
            raise refused(40003, "非法的参数", "isv.timestamp-format-error", "时间戳格式错误")
        if abs(self.state.clock.epoch() - int(stamp)) > TOLERANCE_SECONDS:
            raise refused(40003, "非法的参数", "isv.timestamp-invalid", "时间戳不合法")
        if call.get("v") != "2":
            raise refused(40003, "非法的参数", "isv.parameter-invalid", "v只支持2")

    def _check_signature(self, call: Call) -> None:
        way = call.get("sign_method", "md5")
        if not call.get("sign") or way not in WAYS:
            raise refused(40001, "缺少必选参数", "isv.signature-missing", "获取签名失败，请根据文档确保参数拼装正确")
        signed = {name: call.get(name) for name in ("app_key", "method", "timestamp", "v")} | {"param_json": _body()}
        if not same(call.get("sign"), sign_douyin(signed, self.state.company.douyin.app_secret, way)):
            raise refused(40003, "非法的参数", "isv.signature-invalid", "签名校验失败")

    def _check_token(self, call: Call) -> None:
        if not call.get("access_token"):
            raise refused(40001, "缺少必选参数", "isv.access-token-missing", "认证失败，access_token不能为空")
        alive = self.state.tokens[self.platform].alive(call.get("access_token"))
        if alive is None:
            raise refused(
                40003,
                "非法的参数",
                "isv.access-token-no-existed",
                "access_token不存在，请使用最新的access_token访问",
            )
        if not alive:
            raise self.expired()


def _body() -> str:
    return request.get_data(as_text=True)


def _params(body: str) -> dict[str, Any]:
    """The body, if it is JSON in the one spelling that is signed."""
    try:
        sent = json.loads(body, parse_float=_number)
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise refused(40003, "非法的参数", "isv.parameter-format-invalid", "业务参数json解析失败")
    if body != json.dumps(sent, ensure_ascii=False, sort_keys=True, separators=(",", ":")):
        # The platform writes it anew before it checks: another spelling has another signature there.
        raise refused(40003, "非法的参数", "isv.signature-invalid", "签名校验失败")
    return sent


def _number(text: str) -> float | int:
    """A whole number is written without its nought behind the point."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _shown(body: str) -> dict[str, str]:
    try:
        sent = json.loads(body)
    except ValueError:
        return {}
    return {name: str(value) for name, value in sent.items()} if isinstance(sent, dict) else {}


def register(app: Flask, state: State) -> None:
    def forget() -> None:
        state.tokens["douyin"] = DouyinTokens(state.clock)
        state.parts.pop("douyin.packs", None)

    forget()
    state.on_reset.append(forget)
    app.add_url_rule("/douyin/<path:_method>", view_func=_view(state), methods=["POST"])


def _view(state: State) -> Any:
    view = gateway(Douyin(state))

    def douyin_gateway(_method: str) -> Any:
        """The address is the method once more; `_check_protocol` compares them."""
        return view()

    return douyin_gateway
