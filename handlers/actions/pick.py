"""配货: the next step, from the order's card or a case's."""

from __future__ import annotations

from handlers import stages
from handlers.actions.answer import after_step, press_of
from handlers.actions.step import step
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.views import View
from models.stages import Stage, Verb


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    pressed = press_of(incoming)
    return after_step(desk, pressed, actor, stages.move(desk, pressed.subject, Verb.PICK, actor))


ACTION = step(Verb.PICK, Stage.PENDING_PICK, press)
