"""What a press does, and the view that answers it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers import offers, permissions, show, subjects
from handlers.actions import ACTIONS
from handlers.actions.action import Then, press_of
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.incoming import Incoming
from handlers.views import OrderView, View
from models import Role

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
    desk.pressed = (pressed.subject, pressed.revision)
    try:
        then = action.press(desk, incoming, actor)
    except Late as late:
        then = Then(str(late))
    finally:
        desk.pressed = ("", 0)
    return _shown(desk, pressed.subject, actor, then) if isinstance(then, Then) else then


def _role_of(desk: Desk, subject: str) -> Role | None:
    """Whose matter a case is; None where there is no such case, which the action itself says."""
    kind, number = subjects.split(subject)
    found = desk.session.execute(_ROLE, {"id": number}).scalar_one_or_none() if kind == "case" else None
    return Role(found) if found is not None else None


def _shown(desk: Desk, subject: str, actor: Actor, then: Then) -> View:
    view = show.show(desk, subject, actor, note=then.note)
    if then.moved is not None and isinstance(view, OrderView):
        return offers.with_undo(view, then.moved)
    return view
