"""合并发货, 不合并: orders of one buyer for one receiver. 同单号发其余: what is merged leaves by the same waybill."""

from __future__ import annotations

from handlers import cases, subjects
from handlers.actions.action import Action, Button, CaseState, Meant, OrderState, Said, Then, case_id, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.permissions import STEPS
from handlers.related import deciding
from handlers.views import TextView, View
from models.stages import Verb


def _together(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    deciding.decide(desk, case_id(press_of(incoming)), actor, together=True)
    return Then()


def _apart(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    deciding.decide(desk, case_id(pressed), actor, together=False, reason=pressed.value.strip()[:60])
    return Then()


def _meant(_desk: Desk, said: Said) -> Meant:
    return said.rest, {}


def _ship(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    kind, order_id = subjects.split(press_of(incoming).subject)
    if kind != "order":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return TextView("\n".join(deciding.ship_rest(desk, order_id, actor)))


def _on_case(case: CaseState, words: str, style: str) -> tuple[Button, ...]:
    return (Button(words, style=style),) if case.kind == deciding.KIND else ()


def _on_order(order: OrderState) -> tuple[Button, ...]:
    return (Button(f"同单号发其余{order.merged_waiting}单", style="main"),) if order.merged_waiting else ()


TOGETHER = Action(
    cases.SOLVE, _together, words=dict.fromkeys(("合并发货", "合并", "一起发"), ""),
    on_case=lambda case: _on_case(case, "合并发货", "main"),
)  # fmt: skip
APART = Action(
    cases.SOLVE, _apart, words={"不合并": ""}, meant=_meant, on_case=lambda case: _on_case(case, "不合并", "plain")
)
SHIP = Action(STEPS[Verb.SHIP], _ship, words={"同单号发其余": ""}, on_order=_on_order)
