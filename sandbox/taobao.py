"""The stand-in for Taobao's TOP gateway: protocol, checks, errors. The methods are in world_taobao_methods.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from xml.etree import ElementTree

from flask import Flask, Response, request

from sandbox.clock import BEIJING
from sandbox.signing import SIGN_METHODS, same, sign_top
from sandbox.state import State
from sandbox.world_gateway import Body, Call, Dialect, Refused, gateway, json_reply, sent_params
from sandbox.world_taobao_methods import METHODS, NO_SESSION, Gateway, refused
from sandbox.world_tokens import Tokens

TOLERANCE = timedelta(minutes=10)
LIFE = timedelta(days=365)
FORMATS = ("json", "xml")


class Taobao(Dialect):
    platform = "taobao"

    def read(self) -> Call:
        params = sent_params()
        return Call(params.get("method", ""), params)

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        return refused(
            7,
            "App Call Limited",
            f"accesscontrol.limited-by-{'app' if of_app else 'api'}-access-count",
            f"This ban will last for {max(ceil(seconds), 1)} more seconds",
        )

    def expired(self) -> Refused:
        return refused(27, "Invalid session", "invalid-sessionkey", "SessionKey非法")

    def answer(self, call: Call) -> Body:
        self._check_protocol(call)
        self._check_signature(call)
        self.count(call, call.get("app_key"))
        if call.method not in NO_SESSION:
            self._check_session(call)
        shop = Gateway(self.state, call)
        body = METHODS[call.method](shop)
        root = call.method.removeprefix("taobao.").replace(".", "_") + "_response"
        return {root: {**body, "request_id": request_id(self.state)}}

    def _check_protocol(self, call: Call) -> None:
        if request.method != "POST":
            raise refused(9, "Http Action Not Allowed")
        if not call.method:
            raise refused(21, "Missing Method")
        if call.method not in METHODS:
            raise refused(22, "Invalid Method", "isv.invalid-method", "不存在的方法名")
        if not call.get("app_key"):
            raise refused(28, "Missing App Key")
        if call.get("app_key") != self.state.company.taobao.app_key:
            raise refused(29, "Invalid App Key", "isv.appkey-not-exists", "appkey不存在")
        if not call.get("timestamp"):
            raise refused(30, "Missing Timestamp")
        if not self._in_time(call.get("timestamp")):
            raise refused(31, "Invalid Timestamp", "isv.invalid-timestamp", "非法的时间戳参数")
        if not call.get("v"):
            raise refused(32, "Missing Version")
        if call.get("v") != "2.0":
            raise refused(33, "Invalid Version")
        if call.get("format", "xml") not in FORMATS:
            raise refused(23, "Invalid Format")

    def _in_time(self, text: str) -> bool:
        try:
            at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        except ValueError:
            return False
        return abs(self.state.clock.now() - at) <= TOLERANCE

    def _check_signature(self, call: Call) -> None:
        if call.get("sign_method") not in SIGN_METHODS:
            raise refused(40, "Missing required arguments:sign_method", "isv.missing-parameter:sign_method")
        if not call.get("sign"):
            raise refused(24, "Missing Signature")
        if not same(call.get("sign"), sign_top(call.params, self.state.company.taobao.app_secret)):
            raise refused(25, "Invalid signature", "isv.invalid-signature", "签名校验失败")

    def _check_session(self, call: Call) -> None:
        if not call.get("session"):
            raise refused(26, "Missing session", "isv.missing-session", "缺少SessionKey参数")
        if not self.state.tokens[self.platform].alive(call.get("session")):
            raise self.expired()

    def write(self, call: Call, body: Body) -> Response:
        """XML unless JSON is asked for: forgetting `format` is a classic."""
        if call.get("format") != "json":
            ((root, content),) = body.items()
            text = ElementTree.tostring(_xml(root, content), encoding="utf-8", xml_declaration=True)
            return Response(text, content_type="text/xml;charset=UTF-8")
        if call.get("simplify") == "true" and "error_response" not in body:
            ((_, content),) = body.items()
            simple = _flat(content)
            body = simple if isinstance(simple, dict) else body
        return json_reply(body, "text/javascript;charset=UTF-8")


def _xml(name: str, content: object) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(content, Mapping):
        for key, value in content.items():
            items = value if isinstance(value, list) else [value]
            element.extend(_xml(str(key), item) for item in items)
    else:
        element.text = str(content).lower() if isinstance(content, bool) else str(content)
    return element


def _flat(content: object) -> object:
    """`simplify=true`: {"trades": {"trade": [..]}} becomes {"trades": [..]}."""
    if isinstance(content, list):
        return [_flat(item) for item in content]
    if not isinstance(content, Mapping):
        return content
    if len(content) == 1:
        (only,) = content.values()
        if isinstance(only, list):
            return _flat(only)
    return {key: _flat(value) for key, value in content.items()}


def request_id(state: State) -> str:
    return f"15qz{len(state.world.calls):04x}{int(state.clock.epoch() * 1000):x}"


def register(app: Flask, state: State) -> None:
    def forget() -> None:
        state.tokens["taobao"] = Tokens(state.clock, state.company.taobao.session, LIFE)

    forget()
    state.on_reset.append(forget)
    app.add_url_rule("/top/router/rest", view_func=gateway(Taobao(state)), methods=["GET", "POST"])

    @app.post("/top/oauth/token")
    def taobao_token() -> Response:
        """A back-office app like ours gets a token of fixed length and can not renew it."""
        shop, form = state.company.taobao, request.form
        if (form.get("client_id"), form.get("client_secret")) != (shop.app_key, shop.app_secret):
            return json_reply({"error": "invalid_client", "error_description": "client secret error"}, status=400)
        if form.get("grant_type") != "authorization_code":
            return json_reply(
                {"error": "unsupported_grant_type", "error_description": "refresh is not open to this app type"},
                status=400,
            )
        token = state.tokens["taobao"].by_code(form.get("code", ""))
        if token is None:
            return json_reply({"error": "invalid_grant", "error_description": "authorize code expired"}, status=400)
        return json_reply(
            {
                "access_token": token.access,
                "token_type": "Bearer",
                "expires_in": int(LIFE.total_seconds()),
                "taobao_user_nick": shop.nick,
            }
        )
