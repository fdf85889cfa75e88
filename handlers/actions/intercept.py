"""拦住, 没拦住: what the warehouse says of an order that was to be stopped."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.holding import intercept
from handlers.incoming import Incoming


def _stopped(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    intercept.stopped(desk, case_id(press_of(incoming)), actor)
    return Then()


def _missed(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    intercept.missed(desk, case_id(press_of(incoming)), actor)
    return Then()


def _on_case(case: CaseState, words: str, style: str) -> tuple[Button, ...]:
    return (Button(words, style=style),) if case.kind == intercept.KIND else ()


STOPPED = Action(
    cases.SOLVE, _stopped, words=dict.fromkeys(("拦住了", "拦住", "拦下了", "拦下"), ""),
    on_case=lambda case: _on_case(case, "拦住", "main"),
)  # fmt: skip
MISSED = Action(
    cases.SOLVE, _missed, words=dict.fromkeys(("没拦住", "没有拦住", "拦不住", "没拦下"), ""),
    on_case=lambda case: _on_case(case, "没拦住", "plain"),
)  # fmt: skip
