"""到货 behind a short SKU's code: A7F2 到货 12-28."""

from __future__ import annotations

from handlers.actions.action import Action, Meant, Said, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.shortage import eta


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    return Then(eta.answer(desk, case_id(pressed), actor, pressed.value))


def _meant(_desk: Desk, said: Said) -> Meant:
    return said.rest, {}


ACTION = Action(eta.ANSWER, press, words={"到货": "", "预计到货": "", "到货时间": ""}, meant=_meant)
