"""交接, 接收, 拒绝, 撤回: the buttons of a hand-over."""

from __future__ import annotations

from handlers import subjects
from handlers.actions.action import Action, Then, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import handovers
from handlers.incoming import Incoming


def _offer(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    return Then(handovers.go(desk, _pressed(incoming), actor))


def _accept(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    return Then(handovers.accept(desk, _pressed(incoming), actor))


def _refuse(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    return Then(handovers.refuse(desk, _pressed(incoming), actor, press_of(incoming).value))


def _withdraw(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    return Then(handovers.withdraw(desk, _pressed(incoming), actor))


def _pressed(incoming: Incoming) -> int:
    kind, number = subjects.split(press_of(incoming).subject)
    if kind != "handover":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return number


# Offered by the hand-over's own view (handlers/duty/show_handover.py).
OFFER = Action(handovers.GIVE, _offer)
ACCEPT = Action(handovers.GIVE, _accept)
REFUSE = Action(handovers.GIVE, _refuse)
WITHDRAW = Action(handovers.GIVE, _withdraw)
