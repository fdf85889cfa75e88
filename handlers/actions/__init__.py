"""What a press does. A new button is one file here and one line in ACTIONS."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers import permissions, subjects
from handlers.actions import (
    approve,
    claim,
    confirm_kind,
    delay,
    dismiss,
    pick,
    refresh,
    release,
    reopen,
    retry,
    send_back,
    ship_ask,
    solve,
    transfer,
)
from handlers.actions import list as list_orders
from handlers.actions.action import Action
from handlers.actions.answer import now, press_of
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.incoming import Incoming
from handlers.views import View
from models import Role

# In the order in which a card offers them.
ACTIONS: Final[dict[str, Action]] = {
    "approve": approve.ACTION,
    "pick": pick.ACTION,
    "ship_ask": ship_ask.ACTION,
    "retry": retry.ACTION,
    "solve": solve.ACTION,
    "claim": claim.ACTION,
    "release": release.ACTION,
    "delay": delay.ACTION,
    "transfer": transfer.ACTION,
    "list": list_orders.ACTION,
    "refresh": refresh.ACTION,
    "dismiss": dismiss.ACTION,
    "confirm_kind": confirm_kind.ACTION,
    "deny_kind": confirm_kind.DENIAL,
    "reopen": reopen.ACTION,
    "send_back": send_back.ACTION,
}

_ROLE: Final = text("SELECT role FROM cases WHERE id = :id")


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    """Do what a button says. A press that comes too late changes nothing and gets the current view with a note.
    Raises Refusal."""
    pressed = press_of(incoming)
    action = ACTIONS.get(pressed.action)
    if action is None:
        raise Refusal("这个按钮已经不用了，请刷新卡片")
    own = _role_of(desk, pressed.subject) if action.permit.own_role else None
    permissions.check(desk, action.permit, actor, own=own)
    try:
        return action.press(desk, incoming, actor)
    except Late as late:
        return now(desk, pressed, actor, str(late))


def _role_of(desk: Desk, subject: str) -> Role | None:
    """Whose matter a case is; None where there is no such case, which the action itself says."""
    kind, number = subjects.split(subject)
    found = desk.session.execute(_ROLE, {"id": number}).scalar_one_or_none() if kind == "case" else None
    return Role(found) if found is not None else None


def words() -> dict[str, tuple[str, str]]:
    """What can be typed behind a short code → (action's slug, value); the longer first: 转给 also begins with 转."""
    found = {word: (slug, value) for slug, action in ACTIONS.items() for word, value in action.words.items()}
    return {word: found[word] for word in sorted(found, key=len, reverse=True)}
