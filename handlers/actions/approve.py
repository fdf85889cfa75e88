"""审核: the next step, from the order's card or a case's."""

from __future__ import annotations

from handlers import stages
from handlers.actions.action import Then, press_of
from handlers.actions.step import step, taken
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from models.stages import Stage, Verb


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    return taken(stages.move(desk, press_of(incoming).subject, Verb.APPROVE, actor), actor)


ACTION = step(Verb.APPROVE, Stage.PENDING_REVIEW, press)
