"""买家同意, 买家不同意: what the buyer said to other goods for what is short."""

from __future__ import annotations

from handlers.actions.action import Action, Button, CaseState, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.shortage import choices, swaps
from rules.short_stock import ShortStock

_YES = "yes"
_NO = "no"


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    return Then(swaps.answer(desk, case_id(pressed), actor, agreed=pressed.value == _YES))


def _on_case(case: CaseState) -> tuple[Button, ...]:
    choice = case.evidence.get("choice") or {}
    if case.kind != ShortStock.slug or choice.get("what") != choices.SWAP:
        return ()
    return Button("买家同意", _YES, "main"), Button("买家不同意", _NO)


ACTION = Action(swaps.ANSWER, press, words={"买家同意": _YES, "买家不同意": _NO, "买家不换": _NO}, on_case=_on_case)
