"""忽略: not a matter, for a reason out of a short list or typed."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming

REASONS = ("误报", "已另行处理", "不再需要")


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
    return tuple(Button(f"忽略：{reason}", reason) for reason in REASONS) if case.is_alone else ()


ACTION = Action(cases.DISMISS, press, words={"忽略": ""}, meant=_meant, on_case=_on_case, in_menu=True)
