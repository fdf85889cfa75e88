"""撤销: takes back the last step within a minute."""

from __future__ import annotations

from handlers import permissions, stages
from handlers.actions.action import Action
from handlers.actions.answer import now, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.views import View
from models.stages import TITLES, Verb


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    pressed = press_of(incoming)
    moved = stages.send_back(desk, pressed.subject, actor, pressed.revision)
    return now(desk, pressed, actor, f"{actor.name}已撤销，回到{TITLES[moved.stage]}")


ACTION = Action(permissions.STEPS[Verb.SEND_BACK], press)  # offered by the step itself, see answer.undone_by
