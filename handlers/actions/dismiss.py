"""忽略: not a matter, for a reason out of a short list or typed."""

from __future__ import annotations

from handlers import cases
from handlers.actions.answer import case_id, now, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.offers import REASONS
from handlers.views import View


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    pressed = press_of(incoming)
    chosen = pressed.selected.get("reason", ())
    reason = pressed.value.strip() or (chosen[0] if chosen else "")
    if not reason:
        raise Refusal(f"请说明忽略的原因：{'、'.join(REASONS)}")
    cases.dismiss(desk, case_id(pressed), actor, reason[:60])
    return now(desk, pressed, actor)
