"""The stand-in for WeChat Shop: tokens, checks, errors. The methods are in world_wxshop_methods.py."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from sandbox.state import State
from sandbox.world_errcode import Cursors, Errcode, json_body, refused
from sandbox.world_gateway import Body, Call, Refused, gateway
from sandbox.world_own_tokens import OwnTokens
from sandbox.world_wxshop_methods import METHODS, Gateway

TOKEN = "/cgi-bin/stable_token"
MOST_IN_A_RANGE = 10_000
BAN_SECONDS = 60  # a throttle longer than this is the day's quota


class WxShop(Errcode):
    """`forbidden`: the caller's address is not on the white list. `most`: orders that one range may hold."""

    platform = "wxshop"
    unknown_token = 40001

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.cursors = Cursors(state.clock)
        self.forbidden = False
        self.most = MOST_IN_A_RANGE
        state.on_reset.append(self._forget)

    def _forget(self) -> None:
        self.cursors.forget()
        self.forbidden, self.most = False, MOST_IN_A_RANGE

    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        if seconds > BAN_SECONDS:
            return refused(45009, "reach max api daily quota limit")
        return refused(45011, "api minute-quota reach limit, must slower, retry next minute")

    def application(self) -> str:
        return self.state.company.wxshop.appid

    def answer(self, call: Call) -> Body:
        if self.forbidden:
            raise Refused(403, {})
        return super().answer(call)

    def write(self, call: Call, body: Body) -> Response:
        """No errcode for a caller who is not on the white list."""
        return super().write(call, body) if body else Response("Forbidden", status=403, content_type="text/plain")

    def give_token(self, call: Call) -> Body | None:
        if call.method != TOKEN:
            return None
        shop, asked = self.state.company.wxshop, json_body()
        if asked.get("grant_type") != "client_credential":
            raise refused(40002, "invalid grant_type")
        if asked.get("appid") != shop.appid:
            raise refused(40013, "invalid appid")
        if asked.get("secret") != shop.secret or self.tokens.withdrawn:
            raise refused(40125, "invalid appsecret")
        given = self.tokens.force() if asked.get("force_refresh") is True else self.tokens.fetch()
        if given is None:
            raise refused(45009, "reach max force_refresh daily quota limit")
        return {"access_token": given[0], "expires_in": given[1]}

    def work(self, call: Call, body: dict[str, Any]) -> Body:
        if call.method not in METHODS:
            raise refused(40066, "invalid url")
        return METHODS[call.method](Gateway(self.state, self.cursors, call, body, self.most))


def wxshop_of(state: State) -> WxShop:
    part = state.parts["wxshop"]
    if not isinstance(part, WxShop):
        raise TypeError("the wxshop part is not registered")
    return part


def register(app: Flask, state: State) -> None:
    def forget() -> None:
        state.tokens["wxshop"] = OwnTokens(state.clock, "sandbox-wxshop-token-0001")

    forget()
    state.on_reset.append(forget)
    state.parts["wxshop"] = shop = WxShop(state)
    app.add_url_rule("/wxshop/<path:path>", view_func=gateway(shop), methods=["GET", "POST"])
