"""The page 导入: hand in a spreadsheet, look over its columns, see what became of it, take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from config import Hub
from handlers import permissions
from handlers.desk import Actor, Desk, Refusal
from handlers.received import columns as received_columns
from handlers.received import discard as received_discard
from handlers.received import lately, received
from handlers.received import look as received_look
from handlers.received import report as received_report
from handlers.received import show as received_show
from handlers.received import undo as received_undo
from handlers.received.received import KnownAlready
from models import Received
from models.fields import FIELDS, SKIP
from models.received import State
from web import errors

Page = Callable[[Desk, Actor], ResponseReturnValue]
Guarded = Callable[[Page], ResponseReturnValue]
_ROOM: Final = 64 * 1024  # what a form needs around its file
_COLUMN: Final = "column-"
_WHOLE: Final = "whole"  # an address with the person and the phone in front
_STATES: Final = tuple(State)


def routes(pages: Blueprint, hub: Hub, guarded: Guarded, refuse_other_sites: Callable[[], None]) -> None:
    """/import, /import/<id>, /import/<id>/problems.csv"""

    @pages.get("/import")
    def imports() -> ResponseReturnValue:
        return guarded(lambda desk, actor: _imports(desk, actor, hub))

    @pages.post("/import")
    def hand_in() -> ResponseReturnValue:
        refuse_other_sites()
        name, content = _sent()  # before a desk is taken: a slow sender must not hold a connection
        return guarded(lambda desk, actor: _hand_in(desk, actor, name, content))

    @pages.get("/import/<int:file_id>")
    def file(file_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _file(desk, actor, file_id, hub))

    @pages.post("/import/<int:file_id>")
    def act(file_id: int) -> ResponseReturnValue:
        refuse_other_sites()
        return guarded(lambda desk, actor: _act(desk, actor, file_id))

    @pages.get("/import/<int:file_id>/problems.csv")
    def problems(file_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _problems(desk, actor, file_id, hub))


def _sent() -> tuple[str, bytes]:
    request.max_content_length = received.MOST_BYTES + _ROOM
    sent = request.files.get("file")
    return (sent.filename or "", sent.read()) if sent is not None else ("", b"")


def _imports(desk: Desk, actor: Actor, hub: Hub) -> ResponseReturnValue:
    try:
        shops = received.check_sender(desk, actor)
    except Refusal as refusal:
        return errors.page(hub, "不能导入", str(refusal), status=403)
    sees_all = permissions.allowed(received.PERMIT, actor)
    return render_template(
        "import.html", actor=actor, shops=shops, lines=lately.latest(desk, by=None if sees_all else actor.staff_id),
        refused=request.args.get("refused", ""), stock=received.counts_stock(actor),
    )  # fmt: skip


def _hand_in(desk: Desk, actor: Actor, name: str, content: bytes) -> ResponseReturnValue:
    chosen = request.form.get("shop", "")
    try:
        shop_id = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
        file_id = received.hand_in(desk, actor, name, content, shop_id=shop_id)
    except KnownAlready as known:
        desk.session.rollback()
        return _to(f"/import/{known.file_id}", said=str(known))
    except Refusal as refusal:
        desk.session.rollback()
        return _to("/import", refused=str(refusal))
    return _to(f"/import/{file_id}")


def _file(desk: Desk, actor: Actor, file_id: int, hub: Hub) -> ResponseReturnValue:
    try:
        view = received_show.show(desk, file_id, actor)
    except Refusal as refusal:
        return errors.page(hub, str(refusal), "请返回看板，从「导入」页打开", status=404)
    report = {"repeated": view.repeated}
    return render_template(
        "import_file.html", file=view, actor=actor, fields=FIELDS, states=State, shops=received.shops(desk),
        said=request.args.get("said", ""), refused=request.args.get("refused", ""),
        repeated=received_report.repeated_words(report) if view.repeated else "",
    )  # fmt: skip


def _act(desk: Desk, actor: Actor, file_id: int) -> ResponseReturnValue:
    try:
        file = received.locked(desk, file_id, *_STATES)
        if file is None:
            raise Refusal("这个文件正在处理，请稍后再试")
        said = _done(desk, actor, file, request.form.get("action", ""))
    except Refusal as refusal:
        desk.session.rollback()
        return _to(f"/import/{file_id}", refused=str(refusal))
    return _to(f"/import/{file_id}", said=said)


def _done(desk: Desk, actor: Actor, file: Received, action: str) -> str:
    if action == "undo":
        return received_undo.undo(desk, file, actor)
    if action == "discard":
        return received_discard.discard(desk, file, actor)
    if action == "choose":
        return received_look.choose_for(desk, file, actor, request.form.get("shop", ""))
    if action != "start":
        abort(400)
    look = received_columns.map_columns(desk, file, actor, _mapped(desk, file))
    if not look.missing:
        received_look.start(desk, file, actor)
    return "" if not look.missing else "列已记住，还缺几列，请接着选"


def _mapped(desk: Desk, file: Received) -> dict[str, str]:
    """What the form says of columns, where it differs from what was known."""
    look = received_look.look_of(desk, file)
    said = {}
    for place, (heading, field) in enumerate(look.columns if look else ()):
        chosen = request.form.get(f"{_COLUMN}{place}", field)
        chosen = "address" if chosen == _WHOLE else chosen
        if chosen != field and (chosen in FIELDS or not chosen):
            said[heading] = chosen or SKIP
    return said


def _problems(desk: Desk, actor: Actor, file_id: int, hub: Hub) -> ResponseReturnValue:
    try:
        text = received_show.problems_text(desk, file_id, actor)
    except Refusal as refusal:
        return errors.page(hub, str(refusal), "请返回看板，从「导入」页打开", status=404)
    named = {"Content-Disposition": f'attachment; filename="problems-{file_id}.csv"'}
    return Response("\ufeff" + text, content_type="text/csv; charset=utf-8", headers=named)


def _to(path: str, **told: str) -> ResponseReturnValue:
    words = {name: said for name, said in told.items() if said}
    return redirect(f"{path}?{urlencode(words)}" if words else path, 303)
