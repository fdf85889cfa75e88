"""撤销: takes back the last step within a minute."""

from __future__ import annotations

from handlers import permissions, stages
from handlers.actions.action import Action, Then, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from models.stages import TITLES, Verb


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    moved = stages.send_back(desk, pressed.subject, actor, pressed.revision)
    return Then(f"{actor.name}已撤销，回到{TITLES[moved.stage]}")


ACTION = Action(permissions.STEPS[Verb.SEND_BACK], press)  # offered by the step itself, see offers.with_undo
