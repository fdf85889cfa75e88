"""认领: I do this, in the time of its kind, or in as many minutes as I pick or say."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.duty.minutes import minutes_in
from handlers.incoming import Incoming


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    minutes = minutes_in(pressed.value or pressed.selected.get("minutes", ("",))[0])
    cases.claim(desk, case_id(pressed), actor, minutes)
    return Then(f"{actor.name}已认领" + (f"，{minutes} 分钟内处理" if minutes else ""))


def _meant(_desk: Desk, said: Said) -> Meant:
    minutes_in(said.rest)  # refused here, in the words of the person who typed it
    return said.rest, {}


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("认领", style="plain" if case.is_alone else "main"),) if case.state == "open" else ()


ACTION = Action(cases.CLAIM, press, words=dict.fromkeys(("认领", "我来", "接"), ""), meant=_meant, on_case=_on_case)
