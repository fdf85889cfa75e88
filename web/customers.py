"""The page 通知: what customers are told of each event, its lines with their limits, and how it looks on each way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from config import Hub
from handlers import find, permissions
from handlers.customers import editing, notices, pages
from handlers.customers.pages import Tried
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.parse import Reference
from web import errors

Page = Callable[[Desk, Actor], ResponseReturnValue]
Guarded = Callable[[Page], ResponseReturnValue]
_MOST: Final = 32 * 1024  # bytes of a form
_UNFIT: Final = 422


def routes(board: Blueprint, hub: Hub, guarded: Guarded, refuse_other_sites: Callable[[], None]) -> None:
    """/notices, /notices/<event>, /notices/<event>/look"""

    @board.get("/notices")
    def notices_list() -> ResponseReturnValue:
        return guarded(_listed)

    @board.post("/notices")
    def notices_act() -> ResponseReturnValue:
        refuse_other_sites()
        return guarded(_read_templates)

    @board.get("/notices/<event>")
    def notice(event: str) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _told(hub, lambda: _one(desk, actor, event)))

    @board.post("/notices/<event>")
    def change_notice(event: str) -> ResponseReturnValue:
        refuse_other_sites()
        sent = _sent()
        return guarded(lambda desk, actor: _told(hub, lambda: _act(desk, actor, event, sent)))

    @board.post("/notices/<event>/look")
    def look_at_notice(event: str) -> ResponseReturnValue:
        refuse_other_sites()
        sent = _sent()
        return guarded(lambda desk, actor: _look(desk, actor, event, sent))


def _sent() -> dict[str, str]:
    request.max_content_length = _MOST
    return dict(request.form.items())


def _told(hub: Hub, page: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """What is wrong with a field stands beside it; this is about all of it: no such notice."""
    try:
        return page()
    except Refusal as refusal:
        return errors.page(hub, "打不开这种通知", f"{refusal}。请返回「通知」，从列表里打开。", status=404)


def _listed(desk: Desk, actor: Actor) -> ResponseReturnValue:
    return render_template(
        "notices.html", actor=actor, found=pages.listed(desk), said=request.args.get("said", ""),
        refused=request.args.get("refused", ""),
        may_read=permissions.allowed(notices.SET, actor) and desk.settings.weixin is not None,
    )  # fmt: skip


def _read_templates(desk: Desk, actor: Actor) -> ResponseReturnValue:
    try:
        permissions.check(desk, notices.SET, actor)
    except Refusal as refusal:
        return _to("/notices", refused=str(refusal))
    if request.form.get("do") != "read" or desk.settings.weixin is None:
        abort(400)
    desk.ask_later(Job.READ_TEMPLATES)
    return _to("/notices", said="正在从公众号读取模板，过一会儿刷新这一页")


def _one(desk: Desk, actor: Actor, event: str) -> ResponseReturnValue:
    return _shown(desk, actor, event, pages.tried(desk, event, {}))


def _shown(
    desk: Desk, actor: Actor, event: str, tried: Tried, *, typed: Mapping[str, str] | None = None, problem: str = ""
) -> ResponseReturnValue:  # fmt: skip
    """`typed`: what stays in the fields, for it was not saved."""
    page = pages.one(desk, actor, event)
    kept = {line.name: line.value for line in page.lines} | dict(typed or {})
    made = render_template(
        "notice.html", actor=actor, page=page, tried=tried, typed=kept, plain=pages.PLAIN, problem=problem,
        order=request.form.get("order", ""), title_of=pages.title_of, said=request.args.get("said", ""),
        refused=request.args.get("refused", ""),
    )  # fmt: skip
    return (made, _UNFIT) if problem or tried.wrong else made


def _act(desk: Desk, actor: Actor, event: str, sent: Mapping[str, str]) -> ResponseReturnValue:
    action = sent.get("do", "")
    if action in ("save", "look"):
        return _save(desk, actor, event, sent) if action == "save" else _look_again(desk, actor, event, sent)
    try:
        said = _done(desk, actor, event, (action, sent))
    except Refusal as refusal:
        desk.session.rollback()
        return _to(f"/notices/{event}", refused=str(refusal))
    return _to(f"/notices/{event}", said=said)


def _done(desk: Desk, actor: Actor, event: str, pressed: tuple[str, Mapping[str, str]]) -> str:
    action, sent = pressed
    notices.one_by_one(desk)
    page = pages.one(desk, actor, event)
    permissions.check(desk, notices.SET, actor)
    if action not in ("undo", "on", "off", "template"):
        abort(400)
    if sent.get("stamp") != page.stamp:
        raise Refusal("刚才有人改过这种通知，下面是现在的样子，请再看一眼")
    if action == "undo":
        return f"已撤销：{pages.undo(desk, actor, event)}"
    if action == "template":
        return editing.change_template(desk, actor, event, sent.get("template", ""))
    return f"已{editing.switch(desk, actor, event, on=action == 'on')}"


def _save(desk: Desk, actor: Actor, event: str, sent: Mapping[str, str]) -> ResponseReturnValue:
    """What cannot be saved stays in its fields, with why. Of two savers the second is asked to look again."""
    notices.one_by_one(desk)
    page = pages.one(desk, actor, event)
    typed = pages.read(sent, page.lines)
    tried = pages.tried(desk, event, typed)
    if sent.get("stamp") != page.stamp:
        words = "刚才有人改过这种通知。您写的还在下面，请对照「改动记录」看一眼，再保存一次"
        return _shown(desk, actor, event, tried, typed=typed, problem=words)
    try:
        said = pages.save(desk, actor, event, typed)
    except Refusal as refusal:
        desk.session.rollback()
        return _shown(desk, actor, event, tried, typed=typed, problem=str(refusal))
    return _to(f"/notices/{event}", said=f"已保存，马上生效。{said}")


def _look_again(desk: Desk, actor: Actor, event: str, sent: Mapping[str, str]) -> ResponseReturnValue:
    typed = pages.read(sent, pages.one(desk, actor, event).lines)
    try:
        tried = pages.tried(desk, event, typed, _order(desk, sent.get("order", "")))
    except Refusal as refusal:
        return _shown(desk, actor, event, pages.tried(desk, event, typed), typed=typed, problem=str(refusal))
    return _shown(desk, actor, event, tried, typed=typed)


def _look(desk: Desk, actor: Actor, event: str, sent: Mapping[str, str]) -> ResponseReturnValue:
    """The same while somebody types: {"html": the ways, "wrong": field → why}."""
    try:
        typed = pages.read(sent, pages.one(desk, actor, event).lines)
        tried = pages.tried(desk, event, typed, _order(desk, sent.get("order", "")))
    except Refusal as refusal:
        return jsonify(html="", wrong={}, problem=str(refusal))
    html = render_template("notice_ways.html", tried=tried, title_of=pages.title_of)
    return jsonify(html=html, wrong=dict(tried.wrong), problem="")


def _order(desk: Desk, words: str) -> Reference | None:
    """Raises Refusal for words that name no order."""
    return find.first_in(words.strip())[0] if words.strip() else None


def _to(path: str, **told: str) -> ResponseReturnValue:
    return redirect(f"{path}?{urlencode(told)}", 303)
