"""转交: to the person chosen in the drop-down."""

from __future__ import annotations

from handlers import cases, people
from handlers.actions.answer import case_id, now, press_of
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.incoming import Incoming
from handlers.views import View


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    pressed = press_of(incoming)
    chosen = pressed.selected.get("person", ())
    if not chosen:
        cases.take_up(desk, case_id(pressed), "transfer", actor)
        raise Late("先在下拉里选人，再按转交")
    to = next((person for person in people.staff(desk) if str(person.id) == chosen[0]), None)
    if to is None:
        raise Refusal("这个人已经不在名单里，请刷新后再选")
    cases.transfer(desk, case_id(pressed), actor, to)
    return now(desk, pressed, actor, f"{actor.name}转给{to.name}")
