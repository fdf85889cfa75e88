"""发货: cards have no field for a number, so the answer says what to type."""

from __future__ import annotations

from handlers import stages
from handlers.actions.action import press_of
from handlers.actions.step import step
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.views import TextView, View
from models.stages import Stage, Verb


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    pressed = press_of(incoming)
    tag = stages.may_move(desk, pressed.subject, Verb.SHIP, actor)
    return TextView(f"请发：发货 {tag} 快递公司 运单号\n例如：发货 {tag} 顺丰 SF1234567890123")


ACTION = step(Verb.SHIP, Stage.PENDING_SHIP, press)
