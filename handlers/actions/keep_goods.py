"""买家不退: goods that were to be paid back are sent after all."""

from __future__ import annotations

from handlers.actions.action import Action, Button, CaseState, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.shortage import refunds
from rules.refund_wait import RefundWait


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    return Then(refunds.wanted_after_all(desk, case_id(press_of(incoming)), actor))


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("买家不退"),) if case.kind == RefundWait.slug else ()


ACTION = Action(refunds.KEEP, press, words={"买家不退": "", "买家不退了": "", "不退了": ""}, on_case=_on_case)
