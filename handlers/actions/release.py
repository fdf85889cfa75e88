"""释放: not mine any more."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    cases.release(desk, case_id(pressed), actor)
    return Then(f"{actor.name}放回待认领")


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("释放"),) if case.state != "open" and case.is_mine else ()


ACTION = Action(cases.RELEASE, press, words=dict.fromkeys(("释放", "放回"), ""), on_case=_on_case)
