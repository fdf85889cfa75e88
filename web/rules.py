"""The page 规则: all of the company's own rules, one with its versions and buttons, and its dry run. The buttons are
those of the rule's card."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from config import Hub
from handlers import pressing
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming, Press
from handlers.rulebook import changing, dry_run, pages, trial
from handlers.rulebook.store import STATES
from handlers.rulebook.trial import TrialView
from handlers.rulebook.view import RuleView
from web import errors, rule_form

Page = Callable[[Desk, Actor], ResponseReturnValue]
Guarded = Callable[[Page], ResponseReturnValue]
SWITCHES: Final = frozenset({"rule_on", "rule_shadow", "rule_off", "rule_drop"})
_BACK: Final = "请返回看板，从「规则」里打开"


def routes(board: Blueprint, hub: Hub, guarded: Guarded, refuse_other_sites: Callable[[], None]) -> None:
    """/rules, /rules/<id>, /rules/tries/<id>, and those of the form."""

    @board.get("/rules")
    def rules() -> ResponseReturnValue:
        return guarded(lambda desk, actor: _rules(desk, actor, hub))

    @board.get("/rules/<int(max=999999999):rule_id>")
    def rule(rule_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _rule(desk, actor, rule_id, hub))

    @board.post("/rules/<int(max=999999999):rule_id>")
    def act_on_rule(rule_id: int) -> ResponseReturnValue:
        refuse_other_sites()
        return guarded(lambda desk, actor: _act(desk, actor, rule_id, hub))

    @board.get("/rules/tries/<int(max=999999999):run_id>")
    def try_out(run_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _try_out(desk, actor, run_id, hub))

    rule_form.routes(board, hub, guarded, refuse_other_sites)


def _rules(desk: Desk, actor: Actor, hub: Hub) -> ResponseReturnValue:
    try:
        found = pages.listed(desk, actor)
    except Refusal as refusal:
        return errors.page(hub, "不能看规则", str(refusal), status=403)
    return render_template("rules.html", actor=actor, found=found, states=STATES, now=desk.now)


def _rule(
    desk: Desk, actor: Actor, rule_id: int, hub: Hub, *, tried: TrialView | None = None
) -> ResponseReturnValue:  # fmt: skip
    try:
        page = pages.one(desk, actor, rule_id)
    except Refusal as refusal:
        return errors.page(hub, "打不开这条规则", f"{refusal}。{_BACK}", status=404 if may(actor) else 403)
    return render_template(
        "rule.html", actor=actor, page=page, rule=page.view, tried=tried, days=tried.days if tried else dry_run.DAYS,
        most_days=dry_run.MOST_DAYS, said=request.args.get("said", ""), refused=request.args.get("refused", ""),
        switches=SWITCHES,
    )  # fmt: skip


def may(actor: Actor) -> bool:
    return actor.may(*changing.SET.roles)


def _act(desk: Desk, actor: Actor, rule_id: int, hub: Hub) -> ResponseReturnValue:
    action, _, value = request.form.get("action", "").partition(":")
    try:
        if action == "rule_try":
            return _tried(desk, actor, rule_id, hub)
        said = _done(desk, actor, rule_id, (action, value))
    except Refusal as refusal:
        desk.session.rollback()
        return to(f"/rules/{rule_id}", refused=str(refusal))
    return to(f"/rules/{rule_id}", said=said)


def _done(desk: Desk, actor: Actor, rule_id: int, pressed: tuple[str, str]) -> str:
    action, value = pressed
    seen = rule_form.number(request.form.get("revision", ""))
    if not seen:
        abort(400)
    if action == "back":
        return f"已{pages.said(pages.back(desk, actor, (rule_id, rule_form.number(value)), seen=seen))}"
    if action not in SWITCHES:
        abort(400)
    incoming = Incoming(
        channel="web", message_id=uuid.uuid4().hex, sender="", chat="", is_group=False, at=desk.now,
        press=Press(action, f"rule:{rule_id}", seen),
    )  # fmt: skip
    view = pressing.press(desk, incoming, actor)
    return view.note if isinstance(view, RuleView) else ""


def _tried(desk: Desk, actor: Actor, rule_id: int, hub: Hub) -> ResponseReturnValue:
    wish = pages.now(desk, actor, rule_id).wish
    days = rule_form.number(request.form.get("days", "")) or dry_run.DAYS
    found = trial.begin(desk, actor, wish, rule_id=rule_id, days=days)
    return to(f"/rules/tries/{found.run_id}") if found.run_id else _rule(desk, actor, rule_id, hub, tried=found)


def _try_out(desk: Desk, actor: Actor, run_id: int, hub: Hub) -> ResponseReturnValue:
    try:
        found = trial.stands(desk, actor, run_id)
    except Refusal as refusal:
        return errors.page(hub, "打不开这次预演", f"{refusal}。{_BACK}，再按一次预演", status=404)
    page = "rule_trial_only.html" if request.args.get("part") else "rule_trial.html"
    return render_template(page, actor=actor, tried=found)


def to(path: str, **told: str) -> ResponseReturnValue:
    words = {name: said for name, said in told.items() if said}
    return redirect(f"{path}?{urlencode(words)}" if words else path, 303)
