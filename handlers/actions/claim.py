"""认领: I do this."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    cases.claim(desk, case_id(pressed), actor)
    return Then(f"{actor.name}已认领")


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("认领", style="plain" if case.is_alone else "main"),) if case.state == "open" else ()


ACTION = Action(cases.CLAIM, press, words=dict.fromkeys(("认领", "我来", "接"), ""), on_case=_on_case)
