"""先发: an exchange leaves before what comes back has come, on a supervisor's word."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Then, case_id, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.permissions import Permit
from models import Role

KIND = "return_not_in"


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    number = case_id(press_of(incoming))
    if cases.take_up(desk, number, cases.SOLVE, actor).case.kind != KIND:
        raise Refusal("只有等退货入库的换货单可以先发")
    cases.solve(desk, number, actor, "同意先发，退货后补")
    return Then()


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("先发"),) if case.kind == KIND else ()


ACTION = Action(
    Permit("换货先发", frozenset({Role.SUPERVISOR})), press, words={"先发": "", "同意先发": ""}, on_case=_on_case
)
