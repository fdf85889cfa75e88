"""What goes wrong when the hub calls a chat platform: slow answers, HTTP 500, cut lines, lost replies, limits.

Two ways lead here: the switches `slow_answers` and `fail_calls` of a platform, and faults armed at /control/fault with
the platform "wecom", "aibot", "weixin" or "dingtalk" and as method the last part of the path ("createAndDeliver").
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, Response, g, jsonify, request

from sandbox.chat_core import Chat
from sandbox.faults import Fault, Kind, drop_connection
from sandbox.state import State

PATHS = {  # how a path begins → the platform, and whose switches count
    "/qyapi/": ("wecom", "wecom"),
    "/aibot/response": ("aibot", "wecom"),
    "/weixin/": ("weixin", "wecom"),
    "/dingtalk/api/": ("dingtalk", "dingtalk"),
    "/dingtalk/oapi/": ("dingtalk", "dingtalk"),
}
BEFORE = (Kind.SLOW, Kind.HTTP_500, Kind.NOT_JSON, Kind.CUT_CONNECTION, Kind.THROTTLE, Kind.EXPIRE_TOKEN)
PAUSE_SECONDS = 0.05


def listen(app: Flask, state: State, chat: Chat) -> None:
    @app.before_request
    def go_wrong() -> Response | None:
        place = next((found for begin, found in PATHS.items() if request.path.startswith(begin)), None)
        if place is None:
            return None
        platform, owner = place
        switches, method = chat.switches_of[owner], request.path.rpartition("/")[2]
        _wait(chat, switches.slow_answers)
        if switches.take("fail_calls"):
            return _broken(owner)
        g.chat_call = (platform, method)
        fault = _take(state, platform, method, BEFORE)
        return _spoilt(chat, fault, platform) if fault else None

    @app.after_request
    def lose(response: Response) -> Response:
        called = g.pop("chat_call", None)
        if called and _take(state, called[0], called[1], (Kind.LOSE_REPLY,)):
            return drop_connection()
        return response


def _take(state: State, platform: str, method: str, kinds: tuple[Kind, ...]) -> Fault | None:
    """Faults of no platform are the marketplaces'."""
    named = any(one["platform"] == platform and one["kind"] in kinds for one in state.faults.armed())
    return state.faults.take(platform, method, kinds) if named else None


def _spoilt(chat: Chat, fault: Fault, platform: str) -> Response | None:
    if fault.kind is Kind.SLOW:
        _wait(chat, fault.seconds)
        return None
    if fault.kind is Kind.EXPIRE_TOKEN:
        part: Any = chat.state.parts[platform]
        part.tokens.expire()
        return None
    if fault.kind is Kind.THROTTLE:
        return _throttled(platform)
    if fault.kind is Kind.CUT_CONNECTION:
        return drop_connection()
    if fault.kind is Kind.NOT_JSON:
        return Response("<html><body>502 Bad Gateway</body></html>", mimetype="text/html")
    return _broken(platform)


def _throttled(platform: str) -> Response:
    """Each platform's own way to say: too many calls."""
    if platform != "dingtalk":
        return jsonify({"errcode": 45009, "errmsg": "reach max api limit"})
    if request.path.startswith("/dingtalk/oapi/"):
        return jsonify({"errcode": 90018, "errmsg": "您的服务器调用钉钉开放平台当前接口的每秒最大请求次数超限"})
    answer = jsonify({"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "message": "接口调用超限"})
    answer.status_code = 403
    return answer


def _broken(owner: str) -> Response:
    told = {"code": "system.busy", "message": "系统繁忙"} if owner == "dingtalk" else {"errcode": -1, "errmsg": "busy"}
    answer = jsonify(told)
    answer.status_code = 500
    return answer


def _wait(chat: Chat, seconds: float) -> None:
    """So long, or until the sandbox closes."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not chat.closing.is_set():
        time.sleep(min(PAUSE_SECONDS, max(0.0, ends - time.monotonic())))
