"""强制通过, and what the second person says to it: 同意放行, 不同意."""

from __future__ import annotations

from typing import Final

from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.caselife import forcing
from handlers.desk import Actor, Desk, Late
from handlers.incoming import Incoming
from models.case import short_code

_BY_ITSELF: Final = ("return_not_in", "duplicate_order", "bought_twice")
"""Their card has a button of its own that lets the order go, and no room for another; it can be typed."""


def _force(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    number, reason = case_id(pressed), pressed.value.strip()
    if not reason:
        forcing.check(desk, number, actor)
        raise Late(f"强制通过要写原因，请发：{short_code(number)} 强制 原因")
    return Then(forcing.force(desk, number, actor, reason))


def _agree(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    return Then(forcing.agree(desk, case_id(press_of(incoming)), actor))


def _decline(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    return Then(forcing.decline(desk, case_id(pressed), actor, pressed.value.strip()))


def _meant(_desk: Desk, said: Said) -> Meant:
    return said.rest, {}


def _on_case(case: CaseState) -> tuple[Button, ...]:
    worth = case.kind not in _BY_ITSELF and case.ask_by is None and forcing.offered(case.kind, case.evidence)
    return (Button("强制通过"),) if worth and case.is_alone else ()


def _second(case: CaseState, text: str, style: str) -> tuple[Button, ...]:
    """To one reader alone, who is not the one that asks."""
    asked = case.ask_by is not None and case.reader_id is not None and case.reader_id != case.ask_by
    return (Button(text, style=style),) if asked else ()


FORCE = Action(
    forcing.FORCE, _force, words=dict.fromkeys(("强制通过", "强制放行", "强制"), ""), meant=_meant, on_case=_on_case
)  # fmt: skip
AGREE = Action(
    forcing.SECOND, _agree, words=dict.fromkeys(("同意放行", "同意强制通过", "同意强制"), ""),
    on_case=lambda case: _second(case, "同意放行", "main"),
)  # fmt: skip
DECLINE = Action(
    forcing.SECOND, _decline, words=dict.fromkeys(("不同意放行", "不同意强制通过", "不同意", "不放行"), ""),
    meant=_meant, on_case=lambda case: _second(case, "不同意", "main"),
)  # fmt: skip
