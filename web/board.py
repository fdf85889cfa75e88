"""The board's pages. A person comes with a signed link from the chat, or by the login of a chat platform, and stays for
a shift by a cookie.

Every press goes through the same actions as a card's button, with the same permissions and the revision that the page
showed; a form from another site is refused by what the browser says of where it comes from.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from config import Hub, Settings
from handlers import columns, login, permissions, pressing, show, trail
from handlers.buttons import PICK
from handlers.customers import notices
from handlers.desk import Actor, Desk, OpenDesk, Refusal
from handlers.incoming import Incoming, Press
from handlers.received import received
from handlers.rulebook import changing
from handlers.views import CaseView, OrderView, TextView, View
from models.stages import OPEN, TITLES
from web import customers, errors, paging, pictures, rules, upload
from web.login import Admission, Doorman, Entrance
from web.login import routes as login_routes
from web.words import ago, hurry, moment, next_step, yuan

COOKIE: Final = "hub_pass"
ENTRANCES: Final = frozenset({"import", "notices", "rules"})
"""Pages that a signed link may lead to instead of the board (`&to=import`)."""
ELSEWHERE: Final = frozenset({"refresh", "ship_ask", "transfer", "list"})
"""Buttons that a page does not show: it needs none, or they want a number or a person that is said in the chat."""
_CHOICES: Final = ("date", PICK)

Page = Callable[[Desk, Actor], ResponseReturnValue]


def blueprint(settings: Settings, open_desk: OpenDesk, entrances: Sequence[Entrance] = ()) -> Blueprint:
    """Routes /, /enter, /login/…, /board, /orders/<id>, /import …; `entrances`: the platforms by which people log
    in."""
    pages = Blueprint("board", __name__, template_folder="templates", static_folder="static", static_url_path="/web")
    pages.app_template_filter("ago")(ago)
    pages.app_template_filter("yuan")(yuan)
    pages.app_template_filter("moment")(moment)
    pages.app_template_filter("next_step")(next_step)
    pages.app_template_filter("hurry")(hurry)
    pages.app_errorhandler(HTTPException)(lambda error: errors.answer(error, settings.hub))
    doorman = Doorman(settings.hub, open_desk, entrances)

    def admitted(found: Admission) -> Response:
        secure = settings.hub.base_url.startswith("https")
        return _with_pass(redirect(found.to), found.board_pass, secure=secure)

    def guarded(page: Page) -> ResponseReturnValue:
        with open_desk() as desk:
            known = request.cookies.get(COOKIE, "")
            actor = login.holder(desk, known)
            if actor is None:
                return doorman.outside("登录已过期" if known else "请先登录")
            return page(desk, actor)

    @pages.get("/")
    def root() -> ResponseReturnValue:
        return redirect("/board")

    @pages.get("/enter")
    def enter() -> ResponseReturnValue:
        with open_desk() as desk:
            given = login.pass_for(desk, request.args.get("t", ""))
        if given is None:
            return doorman.outside("链接已过期")
        target = request.args.get("to", "")
        return admitted(Admission(given[0], f"/{target}" if target in ENTRANCES else "/board"))

    @pages.get("/board")
    def board() -> ResponseReturnValue:
        return guarded(lambda desk, actor: _board(desk, actor, settings))

    @pages.get("/orders/<int:order_id>")
    def order(order_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _order(desk, actor, order_id, settings.hub))

    @pages.post("/orders/<int:order_id>")
    def press(order_id: int) -> ResponseReturnValue:
        _refuse_other_sites(urlsplit(settings.hub.base_url).netloc)
        return guarded(lambda desk, actor: _press(desk, actor, order_id))

    login_routes(pages, doorman, admitted)
    upload.routes(pages, settings.hub, guarded, lambda: _refuse_other_sites(urlsplit(settings.hub.base_url).netloc))
    rules.routes(pages, settings.hub, guarded, lambda: _refuse_other_sites(urlsplit(settings.hub.base_url).netloc))
    customers.routes(pages, settings.hub, guarded, lambda: _refuse_other_sites(urlsplit(settings.hub.base_url).netloc))
    pictures.routes(pages, settings.hub, guarded)
    pages.after_request(_safe)
    return pages


def _with_pass(answer: Response | ResponseReturnValue, board_pass: str, *, secure: bool) -> Response:
    made = make_response(answer)
    life = int(login.PASS_LIFE.total_seconds())
    made.set_cookie(COOKIE, board_pass, max_age=life, httponly=True, samesite="Lax", secure=secure)
    return made


def _safe(answer: Response) -> Response:
    if "/web/" not in request.path:
        for name, value in errors.HEADERS.items():
            answer.headers.setdefault(name, value)
    return answer


def _refuse_other_sites(own: str) -> None:
    """`own`: the host of our public address, which a proxy may have replaced in the request."""
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc not in (request.host, own):
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)


def _board(desk: Desk, actor: Actor, settings: Settings) -> ResponseReturnValue:
    shown = paging.sizes(request.args)
    found = [(column, paging.more(shown, column)) for column in columns.columns(desk, shown)]
    return render_template(
        "board.html", hub=settings.hub, actor=actor, columns=found, titles=TITLES, now=desk.now,
        may_import=received.may_hand_in(desk, actor), may_rule=permissions.allowed(changing.SET, actor),
        may_word=permissions.allowed(notices.SET, actor),
    )  # fmt: skip


def _order(desk: Desk, actor: Actor, order_id: int, hub: Hub) -> ResponseReturnValue:
    try:
        view = show.show_order(desk, order_id, actor)
    except Refusal as refusal:
        return errors.page(hub, str(refusal), "请返回看板，从列表里打开；或者在聊天里发：查 编号", status=404)
    return render_template(
        "order.html", order=view, actor=actor, trail=trail.of_order(desk, order_id, 50), titles=TITLES,
        said=request.args.get("said", ""), refused=request.args.get("refused", ""), elsewhere=ELSEWHERE,
        here=view.stage in OPEN,
    )  # fmt: skip


def _press(desk: Desk, actor: Actor, order_id: int) -> ResponseReturnValue:
    pressed = _pressed(order_id)
    incoming = Incoming(
        channel="web", message_id=uuid.uuid4().hex, sender="", chat="", is_group=False, at=desk.now, press=pressed
    )
    try:
        told = {"said": _said(pressing.press(desk, incoming, actor))}
    except Refusal as refusal:
        desk.session.rollback()
        told = {"refused": str(refusal)}
    return redirect(f"/orders/{order_id}?{urlencode(told)}", 303)


def _pressed(order_id: int) -> Press:
    """What the form says: of the order itself, or of a case that its page shows."""
    form = request.form
    try:
        slug, _, value = form["action"].partition(":")
        revision = int(form["revision"])
    except (KeyError, ValueError):
        abort(400)
    chosen = {name: (form[name],) for name in _CHOICES if name in form}
    return Press(slug, form.get("subject", f"order:{order_id}"), revision, value, chosen)


def _said(view: View) -> str:
    if isinstance(view, OrderView | CaseView):
        return view.note
    return view.text if isinstance(view, TextView) else ""
