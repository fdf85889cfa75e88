"""重开: it was ended by mistake."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action
from handlers.actions.answer import case_id, now, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.views import View


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    pressed = press_of(incoming)
    cases.reopen(desk, case_id(pressed), actor)
    return now(desk, pressed, actor, f"{actor.name}重开")


ACTION = Action(cases.REOPEN, press, words={"重开": ""})  # a settled card has no buttons
