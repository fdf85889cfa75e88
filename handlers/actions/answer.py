"""The view after a press: what is now, with a line about what just happened."""

from __future__ import annotations

from dataclasses import replace

from handlers import offers, show, subjects
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming, Press
from handlers.stages import Moved
from handlers.views import CaseView, OrderView, View
from models.stages import TITLES


def press_of(incoming: Incoming) -> Press:
    """The press of an incoming that is one. Raises Refusal otherwise."""
    if incoming.press is None:
        raise Refusal("这不是一次按键，请刷新卡片再试")
    return incoming.press


def case_id(press: Press) -> int:
    """The case that was pressed. Raises Refusal for a card that is not about one."""
    kind, number = subjects.split(press.subject)
    if kind != "case":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return number


def now(desk: Desk, press: Press, actor: Actor, note: str = "") -> View:
    """The pressed subject as it is."""
    return noted(show.show(desk, press.subject, actor), note)


def after_step(desk: Desk, press: Press, actor: Actor, moved: Moved) -> View:
    """The pressed subject after a step; on the order's own card the step can be undone."""
    view = now(desk, press, actor, f"{actor.name}：{moved.tag} 已到{TITLES[moved.stage]}")
    return undone_by(view, moved) if isinstance(view, OrderView) else view


def undone_by(view: OrderView, moved: Moved) -> OrderView:
    """The order's view with the button that takes the step back."""
    return replace(view, offers=(*view.offers, offers.undo(moved.order_id, moved.revision)))


def noted(view: View, note: str) -> View:
    """The view with a note; a settled case keeps its own, which says by whom."""
    if isinstance(view, OrderView) or (isinstance(view, CaseView) and not view.settled):
        return replace(view, note=note or view.note)
    return view
