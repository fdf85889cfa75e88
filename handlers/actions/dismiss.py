"""忽略: not a matter, for a reason out of a short list or typed."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.caselife import forcing
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.mishaps.registering import KIND as MISHAP

REASONS = ("误报", "已另行处理", "不再需要")
_ENTRIES = ("误报", "不再需要")
"""A menu holds three, and 有用 (handlers/actions/useful.py) stands beside them; any other reason can be typed."""


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    chosen = pressed.selected.get("reason", ())
    reason = pressed.value.strip() or (chosen[0] if chosen else "")
    if not reason:
        raise Refusal(f"请说明忽略的原因：{'、'.join(REASONS)}")
    cases.dismiss(desk, case_id(pressed), actor, reason[:60])
    return Then()


def _meant(_desk: Desk, said: Said) -> Meant:
    return said.rest[:60] or said.value, {}


def _on_case(case: CaseState) -> tuple[Button, ...]:
    """The reason is the entry's name."""
    if not case.is_alone or case.kind == MISHAP or not forcing.dismissible(case.kind, case.evidence):  # 不成立
        return ()
    return tuple(Button(f"忽略：{reason}", reason) for reason in _ENTRIES)


ACTION = Action(cases.DISMISS, press, words={"忽略": ""}, meant=_meant, on_case=_on_case, in_menu=True)
