"""The customer's page of one order: how it stands, and inside WeChat a button by which single notices are allowed.

It is no page of the board: nobody logs in, and what it shows is what the order's number alone would tell. Whoever opens
it inside WeChat is asked of WeChat once, without a click; where that fails the page is shown all the same.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from flask import Blueprint, abort, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from config import Settings
from handlers.customers import visits
from handlers.desk import OpenDesk, Refusal
from web import errors

WHO: Final = "hub_customer"
WENT: Final = "hub_visit"
_LIFE: Final = 600  # seconds for the way to WeChat and back
_SEEN: Final = "seen"
_MOST: Final = 8 * 1024  # bytes
_SCENE: Final = re.compile(r"o\.[0-9a-f]{1,16}\.[0-9a-f]{16}")


class Account(Protocol):
    """The service account, as the page needs it."""

    script: str

    def address(self, back: str, state: str) -> str:
        """Where WeChat tells who it is; it comes back to `back` with `code` and `state`."""

    def openid(self, code: str) -> str:
        """Whose code it is, "" where WeChat does not say."""

    def signed(self, url: str) -> dict[str, Any] | None:
        """What WeChat's script is told of the page at `url`, None where there is nothing."""


def blueprint(settings: Settings, open_desk: OpenDesk, account: Account) -> Blueprint:
    """Routes /o/<scene> and /o/<scene>/allowed."""
    pages = Blueprint("progress", __name__, template_folder="templates")
    door = Door(settings, open_desk, account)

    @pages.get("/o/<scene>")
    def order_page(scene: str) -> ResponseReturnValue:
        return door.show(_known(scene))

    @pages.post("/o/<scene>/allowed")
    def notices_allowed(scene: str) -> ResponseReturnValue:
        return door.allowed(_known(scene))

    return pages


def _known(scene: str) -> str:
    if not _SCENE.fullmatch(scene):
        abort(404)
    return scene


class Door:
    """Opens the page, and takes what is allowed on it."""

    def __init__(self, settings: Settings, open_desk: OpenDesk, account: Account) -> None:
        self._hub = settings.hub
        self._open_desk = open_desk
        self._account = account

    def show(self, scene: str) -> ResponseReturnValue:
        if request.args.get("code"):
            return self._back(scene)
        with self._open_desk() as desk:
            try:
                page = visits.page(desk, scene)
            except Refusal as refusal:
                return errors.page(self._hub, str(refusal), errors.INCOMPLETE[1], status=404, board=False)
            openid = visits.visitor(desk, request.cookies.get(WHO, ""))
        here = bool(page.offers) and _in_wechat()
        if here and not openid and WENT not in request.cookies and _SEEN not in request.args:
            return self._ask(scene)
        signed = self._account.signed(self._here(scene)) if here and openid else None
        made = make_response(render_template(
            "progress.html", hub=self._hub, page=page, scene=scene, signed=signed, script=self._account.script,
            outside=bool(page.offers) and not _in_wechat(),
        ))  # fmt: skip
        made.headers.update(errors.HEADERS | {"Content-Security-Policy": _policy(self._account.script)})
        return made

    def allowed(self, scene: str) -> ResponseReturnValue:
        self._refuse_other_sites()
        request.max_content_length = _MOST
        templates = _accepted(request.get_data(as_text=True))
        with self._open_desk() as desk:
            openid = visits.visitor(desk, request.cookies.get(WHO, ""))
            if not openid:
                return jsonify(ok=False, said="页面开得太久了，请退出再打开一次"), 401
            try:
                said = visits.allowed(desk, scene, openid, templates)
            except Refusal as refusal:
                desk.session.rollback()
                return jsonify(ok=False, said=str(refusal)), 409
        return jsonify(ok=True, said=said)

    def _ask(self, scene: str) -> ResponseReturnValue:
        """To WeChat, which comes back at once; the cookie says that we have been there, whatever it tells."""
        state = secrets.token_hex(16)
        answer = redirect(self._account.address(self._address(scene), state))
        self._cookie(answer, WENT, state, _LIFE)
        return answer

    def _back(self, scene: str) -> ResponseReturnValue:
        """With a code of WeChat's; what it names counts only for the browser that was sent there. The page is opened
        anew without the code: that is spent, and the page's address is part of what is signed for WeChat's script."""
        answer = redirect(f"/o/{scene}")
        went, state = request.cookies.get(WENT, ""), request.args.get("state", "")
        if not went or not hmac.compare_digest(went.encode(), state.encode()):
            return redirect(f"/o/{scene}?{_SEEN}=1")  # who keeps no cookies would be sent to and fro for ever
        openid = self._account.openid(request.args["code"][:200])
        if openid:
            with self._open_desk() as desk:
                self._cookie(answer, WHO, visits.visit_pass(desk, openid), int(visits.PASS_LIFE.total_seconds()))
        return answer

    def _here(self, scene: str) -> str:
        """The page as the browser has it: WeChat adds to the address of what is shared, and signs that too."""
        query = request.query_string.decode("ascii", "ignore")
        return self._address(scene) + (f"?{query}" if query else "")

    def _address(self, scene: str) -> str:
        return f"{self._hub.base_url}/o/{scene}"

    def _cookie(self, answer: Any, name: str, value: str, seconds: int) -> None:
        secure = self._hub.base_url.startswith("https")
        answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure, path="/o/")

    def _refuse_other_sites(self) -> None:
        origin = request.headers.get("Origin", "")
        if origin and urlsplit(origin).netloc not in (request.host, urlsplit(self._hub.base_url).netloc):
            abort(403)
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            abort(403)


def _in_wechat() -> bool:
    """WeChat itself: WeCom's client calls itself so too, but knows no service account."""
    agent = request.headers.get("User-Agent", "").lower()
    return "micromessenger" in agent and "wxwork" not in agent


def _accepted(body: str) -> list[str]:
    """The templates that were allowed, of {template: "accept" | "reject" …}; none of what is no such thing."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return []
    details = told.get("templates") if isinstance(told, dict) else None
    if not isinstance(details, Mapping):
        return []
    return [str(template) for template, word in details.items() if word == "accept"][: visits.MOST]


def _policy(script: str) -> str:
    """WeChat draws its button itself, with styles of its own."""
    own = urlsplit(script)
    host = f"{own.scheme}://{own.netloc}"
    return (
        f"default-src 'self'; script-src 'self' {host}; connect-src 'self' {host}; style-src 'self' 'unsafe-inline'; "
        "frame-ancestors 'none'"
    )
