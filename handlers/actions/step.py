"""The button of a step: on the card of an order that stands before it, and of a case about how long it has stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers import permissions
from handlers.actions.action import Action, Button, CaseState, OrderState, Then
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.stages import Moved
from handlers.views import View
from models.stages import TITLES, Stage, Verb


@dataclass(frozen=True, slots=True)
class _Step:
    stage: Stage
    title: str

    def on_order(self, order: OrderState) -> tuple[Button, ...]:
        return self._button() if order.stage is self.stage and not order.locked else ()

    def on_case(self, case: CaseState) -> tuple[Button, ...]:
        stands = case.kind == "stale_stage" and case.stage is self.stage
        return self._button() if stands and not case.locked else ()

    def _button(self) -> tuple[Button, ...]:
        return (Button(self.title, str(self.stage), "main"),)


def step(verb: Verb, stage: Stage, press: Callable[[Desk, Incoming, Actor], Then | View]) -> Action:
    """The action that takes an order on from `stage` by `verb`."""
    permit = permissions.STEPS[verb]
    here = _Step(stage, permit.title)
    return Action(permit, press, words={permit.title: ""}, on_order=here.on_order, on_case=here.on_case)


def taken(moved: Moved, actor: Actor) -> Then:
    """What is shown after the step."""
    return Then(f"{actor.name}：{moved.tag} 已到{TITLES[moved.stage]}", moved)
