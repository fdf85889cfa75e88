"""重开: it was ended by mistake."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    cases.reopen(desk, case_id(pressed), actor)
    return Then(f"{actor.name}重开")


ACTION = Action(cases.REOPEN, press, words={"重开": ""})  # a settled card has no buttons
