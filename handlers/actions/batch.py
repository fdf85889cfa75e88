"""确认, 取消, 撤销: the buttons of a batch."""

from __future__ import annotations

from handlers import subjects
from handlers.actions.action import Action, Then, press_of
from handlers.batches import running, undo
from handlers.batches.show import TICKS
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming, Press
from handlers.permissions import Permit


def batch_of(press: Press) -> int:
    """The batch that was pressed. Raises Refusal for a card that is not about one."""
    kind, number = subjects.split(press.subject)
    if kind != "batch":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return number


def _confirm(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    chosen = pressed.selected.get(TICKS)  # a card without boxes means all of them
    ticked = None if chosen is None else [int(one) for one in chosen if one.isascii() and one.isdigit()]
    running.confirm(desk, batch_of(pressed), actor, ticked)
    return Then(f"{actor.name}已确认")


def _cancel(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    running.cancel(desk, batch_of(press_of(incoming)), actor)
    return Then(f"{actor.name}已取消")


def _undo(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    undo.undo(desk, batch_of(press_of(incoming)), actor)
    return Then(f"{actor.name}撤销")


# Offered by the batch's own view (handlers/batches/show.py); who may is a matter of what it does.
_PERMIT = Permit("批量处理")
CONFIRM = Action(_PERMIT, _confirm)
CANCEL = Action(_PERMIT, _cancel)
UNDO = Action(_PERMIT, _undo)
