"""What goes wrong is a page of the board's own, in Chinese, that says what to do."""

from __future__ import annotations

import secrets
from typing import Final

import structlog
from flask import jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError

from config import Hub

log = structlog.get_logger()

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    # Not `no-referrer`: that makes a browser send `Origin: null` with the board's own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_NO_PAGE: Final = ("没有这个页面", "地址可能没有复制全，或者页面已经不在了。请返回看板，从列表里打开订单。")
_SAID: Final = {
    400: ("这次操作没有收全", "没有做任何改动。请返回看板，打开订单再按一次。"),
    403: (
        "这次操作被拦下了",
        "它不是从看板自己的页面发出的，没有做任何改动。请在聊天里重新发「看板」，用新收到的链接打开后再操作。",
    ),
    404: _NO_PAGE,
    405: _NO_PAGE,
    413: ("文件太大", "最多 10 MB，没有导入。请分成几个文件再传。"),
}
_OTHER: Final = ("这个页面打不开", "请返回看板再试一次。")


INCOMPLETE: Final = ("打不开这个订单", "链接可能没有复制全，或者太旧了。请从收到的消息里再点一次，或联系店铺客服。")
_CUSTOMERS: Final = {
    403: ("没有办成", "请从收到的消息里重新打开订单，再点一次。"),
    404: INCOMPLETE,
    405: INCOMPLETE,
    413: ("没有办成", "发来的内容太多。请从收到的消息里重新打开订单，再点一次。"),
    500: ("页面出错了", "请过一分钟再打开。急的话请联系店铺客服。"),
}


def answer(error: HTTPException, hub: Hub) -> ResponseReturnValue:
    """The page of an error; the platforms' callbacks, which no person reads, keep their bare answers."""
    if request.path == "/o" or request.path.startswith("/o/"):
        return _to_customer(error, hub)
    if request.blueprint not in (None, "board"):
        return error
    status = error.code or 500
    if isinstance(error, InternalServerError):
        return page(hub, *_apology(error), status=status)
    return page(hub, *_SAID.get(status, _OTHER), status=status)


def _to_customer(error: HTTPException, hub: Hub) -> ResponseReturnValue:
    """Of an order's page: nothing of the board's. What its own script sent is answered so that it can show it."""
    status = error.code or 500
    title, advice = _CUSTOMERS.get(status, _CUSTOMERS[500])
    if isinstance(error, InternalServerError):
        advice += f"编号 {_logged(error)}"
    if request.method == "POST":
        return jsonify(ok=False, said=advice), status
    return page(hub, title, advice, status=status, board=False)


def page(hub: Hub, title: str, advice: str, *, status: int, board: bool = True) -> ResponseReturnValue:
    """`board`: whether whoever reads it has one to go back to."""
    made = make_response(render_template("error.html", hub=hub, title=title, advice=advice, board=board), status)
    made.headers.update(HEADERS)
    return made


def _apology(error: InternalServerError) -> tuple[str, str]:
    number = _logged(error)
    advice = f"请过一分钟再试；刚才按过按钮的，先看一眼订单到了哪个环节。还不行就把编号 {number} 发给管理员。"
    return "页面出错了", advice


def _logged(error: InternalServerError) -> str:
    """The number by which the log knows it."""
    number = secrets.token_hex(3).upper()
    log.error("page_failed", id=number, path=request.path, error=type(error.original_exception or error).__name__)
    return number
