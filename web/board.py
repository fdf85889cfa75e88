"""The board's pages. A person comes with a signed link from the chat and stays for a shift by a cookie.

Every press goes through the same actions as a card's button, with the same permissions and the revision that the page
showed; a form from another site is refused by its Origin.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from config import Settings
from handlers import actions, columns, login, show, trail
from handlers.desk import Actor, Desk, OpenDesk, Refusal
from handlers.incoming import Incoming, Press
from handlers.views import CaseView, OrderView, TextView, View
from models.stages import TITLES
from web.words import ago, moment, yuan

COOKIE: Final = "hub_pass"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
Page = Callable[[Desk, Actor], ResponseReturnValue]


def blueprint(settings: Settings, open_desk: OpenDesk) -> Blueprint:
    """Routes /, /enter, /board, /orders/<id>."""
    pages = Blueprint("board", __name__, template_folder="templates", static_folder="static", static_url_path="/web")
    pages.app_template_filter("ago")(ago)
    pages.app_template_filter("yuan")(yuan)
    pages.app_template_filter("moment")(moment)

    def guarded(page: Page) -> ResponseReturnValue:
        with open_desk() as desk:
            actor = login.holder(desk, request.cookies.get(COOKIE, ""))
            if actor is None:
                return render_template("enter.html", hub=settings.hub), 401
            return page(desk, actor)

    @pages.get("/")
    def root() -> ResponseReturnValue:
        return redirect("/board")

    @pages.get("/enter")
    def enter() -> ResponseReturnValue:
        with open_desk() as desk:
            given = login.pass_for(desk, request.args.get("t", ""))
        if given is None:
            return render_template("enter.html", hub=settings.hub, expired=True), 401
        return _with_pass(redirect("/board"), given[0], secure=settings.hub.base_url.startswith("https"))

    @pages.get("/board")
    def board() -> ResponseReturnValue:
        return guarded(lambda desk, actor: _board(desk, actor, settings))

    @pages.get("/orders/<int:order_id>")
    def order(order_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _order(desk, actor, order_id))

    @pages.post("/orders/<int:order_id>")
    def press(order_id: int) -> ResponseReturnValue:
        _refuse_other_sites()
        return guarded(lambda desk, actor: _press(desk, actor, order_id))

    pages.after_request(_safe)
    return pages


def _with_pass(answer: Response | ResponseReturnValue, board_pass: str, *, secure: bool) -> Response:
    made = make_response(answer)
    life = int(login.PASS_LIFE.total_seconds())
    made.set_cookie(COOKIE, board_pass, max_age=life, httponly=True, samesite="Lax", secure=secure)
    return made


def _safe(answer: Response) -> Response:
    if "/web/" not in request.path:
        answer.headers.update(_HEADERS)
    return answer


def _refuse_other_sites() -> None:
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc != request.host:
        abort(403)


def _board(desk: Desk, actor: Actor, settings: Settings) -> ResponseReturnValue:
    return render_template(
        "board.html", hub=settings.hub, actor=actor, columns=columns.columns(desk), titles=TITLES, now=desk.now
    )


def _order(desk: Desk, actor: Actor, order_id: int) -> ResponseReturnValue:
    try:
        view = show.show_order(desk, order_id, actor)
    except Refusal as refusal:
        return render_template("order.html", order=None, said=str(refusal), actor=actor), 404
    said = request.args.get("said", "")
    return render_template(
        "order.html", order=view, actor=actor, trail=trail.of_order(desk, order_id, 50), titles=TITLES, said=said
    )


def _press(desk: Desk, actor: Actor, order_id: int) -> ResponseReturnValue:
    form = request.form
    try:
        pressed = Press(form["action"], f"order:{order_id}", int(form["revision"]), form.get("value", ""))
    except (KeyError, ValueError):
        abort(400)
    incoming = Incoming(
        channel="web", message_id=uuid.uuid4().hex, sender="", chat="", is_group=False, at=desk.now, press=pressed
    )
    try:
        said = _said(actions.press(desk, incoming, actor))
    except Refusal as refusal:
        desk.session.rollback()
        said = str(refusal)
    return redirect(f"/orders/{order_id}?said={quote(said)}", 303)


def _said(view: View) -> str:
    if isinstance(view, OrderView | CaseView):
        return view.note
    return view.text if isinstance(view, TextView) else ""
