"""What a press does. A new button is one file here and one line in ACTIONS."""

from __future__ import annotations

from typing import Final, Protocol

from handlers.actions import (
    approve,
    claim,
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
from handlers.actions.answer import now, press_of
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.incoming import Incoming
from handlers.views import View


class Action(Protocol):
    """Raises Refusal, or Late when the state had moved on."""

    def __call__(self, desk: Desk, incoming: Incoming, actor: Actor) -> View: ...


ACTIONS: Final[dict[str, Action]] = {
    "approve": approve.press,
    "pick": pick.press,
    "ship_ask": ship_ask.press,
    "send_back": send_back.press,
    "claim": claim.press,
    "release": release.press,
    "solve": solve.press,
    "delay": delay.press,
    "transfer": transfer.press,
    "dismiss": dismiss.press,
    "reopen": reopen.press,
    "retry": retry.press,
    "list": list_orders.press,
    "refresh": refresh.press,
}


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    """Do what a button says. A press that comes too late changes nothing and gets the current view with a note.
    Raises Refusal."""
    pressed = press_of(incoming)
    action = ACTIONS.get(pressed.action)
    if action is None:
        raise Refusal("这个按钮已经不用了，请刷新卡片")
    try:
        return action(desk, incoming, actor)
    except Late as late:
        return now(desk, pressed, actor, str(late))
