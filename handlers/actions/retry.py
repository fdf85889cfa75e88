"""重试: tell the marketplace once more."""

from __future__ import annotations

from handlers import cases, shipping
from handlers.actions.action import Action, Button, CaseState, Then, case_id, press_of
from handlers.desk import Actor, Desk, Late
from handlers.incoming import Incoming
from handlers.permissions import Permit

RETRY = Permit("重试回传", own_role=True)


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    matter = cases.take_up(desk, case_id(pressed), RETRY, actor)
    if matter.order is None or not shipping.try_again(desk, matter.order.id):
        raise Late("没有需要回传的记录")
    cases.note(desk, matter, actor, action="重试回传", detail={})
    return Then(f"{actor.name}已重试，结果稍后更新")


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("重试", style="main"),) if case.kind == "writeback_fail" else ()


ACTION = Action(RETRY, press, words={"重试": ""}, on_case=_on_case)
