"""补发, 退款, 不成立: what becomes of wrong, missing, short or damaged goods. Each but the last wants to know where it
went wrong."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.cases import SOLVE
from handlers.desk import Actor, Desk, Refusal
from handlers.drafts.drafts import MAKE
from handlers.incoming import Incoming, Press
from handlers.mishaps import settling
from handlers.mishaps.registering import KIND
from handlers.permissions import Permit
from handlers.related import mending
from handlers.views import View
from models import Role

_TAG: Final = text("""
    SELECT c.kind, o.tag FROM cases c JOIN orders o ON o.id = c.order_id WHERE c.id = :id
""")
_REFUND: Final = Permit("处理售后", frozenset({Role.SERVICE}))


def _reship(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    """Behind the code of any other matter it is 补发 of that one's order."""
    pressed = press_of(incoming)
    number, said = case_id(pressed), _said(pressed)
    found = desk.session.execute(_TAG, {"id": number}).one_or_none()
    if found is None:
        raise Refusal("这件事不是一单的，请写订单编号：补发 TB-20251222-001 原因")
    if found.kind != KIND:
        return mending.begin(desk, f"{found.tag} {said}".strip(), actor, "reship")
    return settling.reship(desk, number, actor, said)


def _refund(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    return Then(settling.refund(desk, case_id(pressed), actor, _said(pressed)))


def _unfounded(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    settling.unfounded(desk, case_id(pressed), actor, _said(pressed))
    return Then()


def _cause(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    return Then(f"原因：{settling.name_cause(desk, case_id(pressed), actor, _said(pressed))}")


def _said(pressed: Press) -> str:
    """The words behind the verb, and what was chosen in the drop-down."""
    return " ".join(part for part in (pressed.value.strip(), *pressed.selected.get("cause", ())) if part)


def _meant(_desk: Desk, said: Said) -> Meant:
    return said.rest, {}


def _on_case(case: CaseState, words: str, style: str = "plain", value: str = "") -> tuple[Button, ...]:
    return (Button(words, value, style),) if case.kind == KIND else ()


RESHIP: Final = Action(
    MAKE, _reship, words=dict.fromkeys(("补发", "补寄", "重发"), ""), meant=_meant,
    on_case=lambda case: _on_case(case, "补发", "main"),
)  # fmt: skip
REFUND: Final = Action(
    _REFUND, _refund, words=dict.fromkeys(("退货款", "同意退款"), ""), meant=_meant,
    on_case=lambda case: _on_case(case, "同意退款"),
)  # fmt: skip
UNFOUNDED: Final = Action(
    SOLVE, _unfounded, words={"不成立": ""}, meant=_meant,
    on_case=lambda case: _on_case(case, "不成立", value="已和客户核对"), in_menu=True,
)  # fmt: skip
CAUSE: Final = Action(SOLVE, _cause, words={"原因": ""}, meant=_meant)
