"""指派: the chosen matter to the chosen person."""

from __future__ import annotations

from handlers import cases, people
from handlers.actions.action import Action, Then, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.dispatch.dispatch import MATTER, PERSON
from handlers.incoming import Incoming, Press
from handlers.permissions import Permit
from models import Role
from models.case import short_code

PERMIT = Permit("指派", frozenset({Role.SUPERVISOR}))


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    case_id, staff_id = _chosen(pressed, MATTER, "哪一件"), _chosen(pressed, PERSON, "交给谁")
    to = next((person for person in people.staff(desk) if person.id == staff_id), None)
    if to is None:
        raise Refusal("这个人已经不在名单里，请再发一次「指派」")
    cases.transfer(desk, case_id, actor, to)
    return Then(f"{short_code(case_id)} 已交给{to.name}")


def _chosen(pressed: Press, question: str, words: str) -> int:
    found = pressed.selected.get(question, ())
    if len(found) != 1 or not (found[0].isascii() and found[0].isdecimal()):
        raise Refusal(f"请先选{words}，再按指派；也可以发：指派 短码 人名")
    return int(found[0])


ACTION = Action(PERMIT, press)
