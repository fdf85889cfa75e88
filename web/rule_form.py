"""The form of a rule, for a new one and for a change; what its scripts ask while somebody types."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from config import Hub
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.rulebook import changing, deeds, dry_run, form, hints, pages, rows, trial
from handlers.rulebook.form import Filled
from handlers.rulebook.rows import Row, RowProblem
from handlers.rulebook.store import LIVE, STATES, Version, Wish
from handlers.rulebook.trial import TrialView
from handlers.wording import day_of
from web import errors
from web.words import hurry

Page = Callable[[Desk, Actor], ResponseReturnValue]
Guarded = Callable[[Page], ResponseReturnValue]
_MOST: Final = 64 * 1024  # bytes of a form
_UNFIT: Final = 422


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of the form shows beside its fields. `told`: about all of it."""

    now: Version | None = None
    like: int = 0
    told: str = ""
    tried: TrialView | None = None


def routes(board: Blueprint, hub: Hub, guarded: Guarded, refuse_other_sites: Callable[[], None]) -> None:
    """/rules/new, /rules/<id>/edit, /rules/check"""

    @board.get("/rules/new")
    def new_rule() -> ResponseReturnValue:
        return guarded(lambda desk, actor: _refused(hub, lambda: _empty(desk, actor)))

    @board.post("/rules/new")
    def make_rule() -> ResponseReturnValue:
        refuse_other_sites()
        sent = _sent()
        return guarded(lambda desk, actor: _refused(hub, lambda: _make(desk, actor, sent)))

    @board.get("/rules/<int(max=999999999):rule_id>/edit")
    def edit_rule(rule_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _refused(hub, lambda: _edit(desk, actor, rule_id)))

    @board.post("/rules/<int(max=999999999):rule_id>/edit")
    def change_rule(rule_id: int) -> ResponseReturnValue:
        refuse_other_sites()
        sent = _sent()
        return guarded(lambda desk, actor: _refused(hub, lambda: _change(desk, actor, rule_id, sent)))

    @board.post("/rules/check")
    def check_rule() -> ResponseReturnValue:
        refuse_other_sites()
        sent = _sent()
        return guarded(lambda desk, actor: _check(desk, actor, sent))


def _sent() -> dict[str, str]:
    request.max_content_length = _MOST
    return dict(request.form.items())


def _refused(hub: Hub, page: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """What is wrong with fields is told on the form; this is about all of it: no permission, no such rule."""
    try:
        return page()
    except Refusal as refusal:
        return errors.page(hub, "不能改规则", f"{refusal}。请返回看板。", status=403)


def _empty(desk: Desk, actor: Actor) -> ResponseReturnValue:
    like = number(request.args.get("like", ""))
    if not like:
        hints.check(desk, actor, "")
        return _shown(desk, form.empty(actor), Filled({}), Shown())
    made = pages.now(desk, actor, like).wish
    return _shown(desk, form.copied(made, day_of(desk.now)), Filled({}), Shown(like=like))


def _make(desk: Desk, actor: Actor, sent: Mapping[str, str]) -> ResponseReturnValue:
    like = number(sent.get("like", ""))
    filled = form.read(desk, actor, sent, like=pages.now(desk, actor, like).wish if like else None)
    shown = Shown(like=like)
    if filled.wish is None:
        return _shown(desk, filled.typed, filled, shown, status=_UNFIT)
    if sent.get("do") == "try":
        return _tried(desk, actor, filled, (filled.wish, shown))
    try:
        rule_id = pages.make(desk, actor, filled.wishes)
    except Refusal as refusal:
        desk.session.rollback()
        return _shown(desk, filled.typed, filled, Shown(like=like, told=str(refusal)), status=_UNFIT)
    hours = changing.LIFE.seconds // 3600
    return _to(rule_id, f"草稿已存，{hours} 小时内启用有效。先预演，看会命中哪些单")


def _edit(desk: Desk, actor: Actor, rule_id: int) -> ResponseReturnValue:
    now = pages.now(desk, actor, rule_id)
    return _shown(desk, form.shown(now.wish), Filled({}), Shown(now))


def _change(desk: Desk, actor: Actor, rule_id: int, sent: Mapping[str, str]) -> ResponseReturnValue:
    now = pages.now(desk, actor, rule_id)
    seen = number(sent.get("number", ""))
    if seen != now.number:
        return _meanwhile(desk, actor, (now, seen), sent)
    filled = form.read(desk, actor, sent, now.wish)
    shown = Shown(now)
    if filled.wish is None:
        return _shown(desk, filled.typed, filled, shown, status=_UNFIT)
    if sent.get("do") == "try":
        return _tried(desk, actor, filled, (filled.wish, shown))
    try:
        changed = pages.change(desk, actor, now, filled.wishes)
    except Late:
        desk.session.rollback()
        return _meanwhile(desk, actor, (pages.now(desk, actor, rule_id), seen), sent)
    except Refusal as refusal:
        desk.session.rollback()
        return _shown(desk, filled.typed, filled, Shown(now, told=str(refusal)), status=_UNFIT)
    return _to(rule_id, f"已改：{pages.said(changed)}。要退回请按下面那一版的「回滚到这一版」")


def _meanwhile(
    desk: Desk, actor: Actor, found: tuple[Version, int], sent: Mapping[str, str]
) -> ResponseReturnValue:  # fmt: skip
    """Somebody else changed it while the form was open: what was typed is kept, over what it is now."""
    now, seen = found
    old = pages.version(desk, now.rule_id, seen)
    if old is None:
        abort(400)
    typed = form.merged(form.typed_in(sent, old.wish), old.wish, now.wish)
    filled = form.read(desk, actor, typed, now.wish)
    told = (
        f"{now.made_by}刚改过这条规则（{pages.said(now)}），这次没有保存。"
        "您没动过的地方已换成新的，您改过的还在，请再看一眼后保存"
    )
    return _shown(desk, typed, filled, Shown(now, told=told), status=409)


def _tried(
    desk: Desk, actor: Actor, filled: Filled, tried: tuple[Wish, Shown]
) -> ResponseReturnValue:  # fmt: skip
    wish, shown = tried
    days = number(request.form.get("days", "")) or dry_run.DAYS
    wish = wish if wish.title else form.untitled(wish)
    rule_id = shown.now.rule_id if shown.now is not None else None
    try:
        found = trial.begin(desk, actor, wish, rule_id=rule_id, days=days)
    except Refusal as refusal:
        told = Shown(shown.now, shown.like, told=str(refusal))
        return _shown(desk, filled.typed, filled, told, status=_UNFIT)
    return _shown(desk, filled.typed, filled, Shown(shown.now, shown.like, tried=found))


def _shown(
    desk: Desk, typed: Mapping[str, str], filled: Filled, shown: Shown, *, status: int = 200
) -> ResponseReturnValue:  # fmt: skip
    now = shown.now
    page = render_template(
        "rule_form.html", typed=typed, problems=filled.problems, place=filled.place, shown=shown, now=now,
        state=STATES[now.wish.state] if now is not None else "", live=now is not None and now.wish.state in LIVE,
        facts=hints.facts(desk), functions=hints.FUNCTIONS, roles=form.ROLES, units=list(form.UNITS),
        severities=[(one, hurry(one)) for one, _ in form.SEVERITIES], owners=form.owners(desk),
        today=f"{day_of(desk.now):%Y-%m-%d}",
        tried=shown.tried, days=shown.tried.days if shown.tried else dry_run.DAYS, most_days=dry_run.MOST_DAYS,
        most_rows=rows.MOST, deed_hints=_deed_hints(), deeds=form.DEEDS, most_deeds=deeds.MOST,
    )  # fmt: skip
    return page, status


def _deed_hints() -> dict[str, dict[str, object]]:
    """For the scripts: what each action asks for."""
    return {
        slug: {"asks": deed.asks, "choices": deed.choices, "says": deed.says, "needless": deed.needless}
        for slug, deed in form.DEEDS.items()
    }


def _check(desk: Desk, actor: Actor, sent: Mapping[str, str]) -> ResponseReturnValue:
    """For the scripts: what is wrong with a condition or with rows, the rows of a condition, the condition of rows."""
    condition = sent.get("condition", "")
    try:
        if "rows" in sent:
            condition = hints.words(desk, actor, _rows(sent["rows"]))
        found = hints.check(desk, actor, condition)
    except RowProblem as problem:
        return jsonify(row=problem.row, says=problem.says)
    except Refusal as refusal:
        return jsonify(refused=str(refusal)), 403
    place = asdict(found.place) if found.place is not None else None
    listed = [asdict(row) for row in found.rows] if found.rows is not None else None
    return jsonify(condition=condition, place=place, rows=listed)


def _rows(sent: str) -> Sequence[Row]:
    try:
        return [_row(one) for one in json.loads(sent)[: rows.MOST + 1]]
    except (ValueError, TypeError, KeyError, RecursionError):
        abort(400)


def _row(sent: Mapping[str, Any]) -> Row:
    return Row(str(sent["fact"]), str(sent["sign"]), tuple(map(str, sent["values"])), str(sent["join"]))


def number(said: str) -> int:
    """What a form or an address says; 0 for no number."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _to(rule_id: int, said: str) -> ResponseReturnValue:
    return redirect(f"/rules/{rule_id}?{urlencode({'said': said})}", 303)
