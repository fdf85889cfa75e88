"""取消这一单: the same order stands in another shop, and that one is sent."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Then, case_id, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.received import doubled


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    number = case_id(press_of(incoming))
    case = cases.take_up(desk, number, cases.SOLVE, actor).case
    if case.kind != doubled.KIND:
        raise Refusal("只有重复单可以这样取消")
    cases.solve(desk, number, actor, "取消这一单")
    doubled.drop(desk, case.order_id, actor)
    return Then()


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("取消这一单", style="main"),) if case.kind == doubled.KIND else ()


ACTION = Action(cases.SOLVE, press, words={"取消这一单": "", "取消重复": ""}, on_case=_on_case)
