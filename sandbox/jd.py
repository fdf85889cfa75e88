"""The stand-in for JD's JOS gateway: protocol, checks, errors. The methods are in world_jd_methods.py."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from flask import Flask, Response, request

from sandbox.clock import BEIJING
from sandbox.signing import same, sign_jd
from sandbox.state import State
from sandbox.world_gateway import Body, Call, Dialect, Refused, gateway, json_reply, sent_params
from sandbox.world_jd_methods import METHODS, ROOTS, Gateway, refused
from sandbox.world_tokens import Token, Tokens

TOLERANCE = timedelta(minutes=6)
LIFE = timedelta(days=365)
REFRESH_WINDOW = timedelta(hours=24)
TIME_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f%z")


class Jd(Dialect):
    platform = "jd"

    def read(self) -> Call:
        params = sent_params()
        return Call(params.get("method", ""), params)

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        return refused(2, "请求次数超过限制", "App Call Limited")

    def expired(self) -> Refused:
        return refused(19, "无效的Token", "Invalid access_token")

    def answer(self, call: Call) -> Body:
        self._check_protocol(call)
        self.count(call, call.get("app_key"))
        self._check_token(call)
        gate = Gateway(self.state, call, self._business_params(call))
        result = METHODS[call.method](gate)
        root = ROOTS.get(call.method, call.method.replace(".", "_") + "_responce")
        return {root: {"code": "0", **result}}

    def _check_protocol(self, call: Call) -> None:
        shop = self.state.company.jd
        if not call.method:
            raise refused(14, "缺少方法名参数", "Missing Method")
        if call.method not in METHODS:
            raise refused(15, "不存在的方法名", "Invalid Method")
        if not call.get("app_key"):
            raise refused(20, "缺少app_key参数", "Missing app_key")
        if call.get("app_key") != shop.app_key:
            raise refused(21, "无效的app_key", "Invalid app_key")
        if not call.get("v"):
            raise refused(4, "缺少版本参数", "Missing Version")
        if call.get("v") != "2.0":
            raise refused(5, "无效的版本参数", "Invalid Version")
        if not call.get("timestamp"):
            raise refused(7, "缺少时间戳参数", "Missing Timestamp")
        if not self._in_time(call.get("timestamp")):
            raise refused(8, "无效的时间戳参数", "Invalid Timestamp")
        if not call.get("sign"):
            raise refused(11, "缺少签名参数", "Missing Signature")
        if not same(call.get("sign"), sign_jd(call.params, shop.app_secret)):
            raise refused(12, "无效签名", "Invalid Signature")

    def _in_time(self, text: str) -> bool:
        for form in TIME_FORMATS:
            try:
                at = datetime.strptime(text, form)  # noqa: DTZ007 - the short form has no zone and means Beijing
            except ValueError:
                continue
            return abs(self.state.clock.now() - (at if at.tzinfo else at.replace(tzinfo=BEIJING))) <= TOLERANCE
        return False

    def _check_token(self, call: Call) -> None:
        if not call.get("access_token"):
            raise refused(18, "缺少access_token参数", "Missing access_token")
        if not self.state.tokens[self.platform].alive(call.get("access_token")):
            raise self.expired()

    def _business_params(self, call: Call) -> dict[str, object]:
        try:
            params = json.loads(call.get("360buy_param_json", "{}"))
        except ValueError:
            params = None
        if not isinstance(params, dict):
            raise refused(28, "360buy_param_json不是合法的JSON", "Invalid Arguments:360buy_param_json")
        return params


def register(app: Flask, state: State) -> None:
    def forget() -> None:
        state.tokens["jd"] = Tokens(state.clock, state.company.jd.access_token, LIFE)

    forget()
    state.on_reset.append(forget)
    app.add_url_rule("/jd/routerjson", view_func=gateway(Jd(state)), methods=["POST"])

    def knows_app() -> bool:
        shop, given = state.company.jd, request.values
        return (given.get("app_key"), given.get("app_secret")) == (shop.app_key, shop.app_secret)

    def token_reply(token: Token | None) -> Response:
        if token is None:
            return json_reply({"code": 400, "msg": "invalid_grant", "requestId": "sandbox"}, status=400)
        return json_reply(
            {
                "access_token": token.access,
                "refresh_token": token.refresh,
                "expires_in": int((token.expires_at - state.clock.now()).total_seconds()),
                "scope": "snsapi_base",
                "open_id": "sandboxopenid",
            }
        )

    @app.route("/jd/oauth2/access_token", methods=["GET", "POST"])
    def jd_access_token() -> Response:
        if not knows_app() or request.values.get("grant_type") != "authorization_code":
            return json_reply({"code": 401, "msg": "invalid_client", "requestId": "sandbox"}, status=401)
        return token_reply(state.tokens["jd"].by_code(request.values.get("code", "")))

    @app.route("/jd/oauth2/refresh_token", methods=["GET", "POST"])
    def jd_refresh_token() -> Response:
        """Only in the last day of a token's life, and never after it."""
        if not knows_app() or request.values.get("grant_type") != "refresh_token":
            return json_reply({"code": 401, "msg": "invalid_client", "requestId": "sandbox"}, status=401)
        given = request.values.get("refresh_token", "")
        return token_reply(state.tokens["jd"].renew(given, extends=True, only_in_last=REFRESH_WINDOW))
