"""销假: somebody who was to be away is here."""

from __future__ import annotations

from handlers import subjects
from handlers.actions.action import Action, Then, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import absences
from handlers.incoming import Incoming


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    kind, number = subjects.split(press_of(incoming).subject)
    if kind != "absence":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return Then(absences.withdraw(desk, number, actor))


ACTION = Action(absences.ASK, press)  # offered by the absence's own view (handlers/duty/show_absence.py)
