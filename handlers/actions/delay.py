"""延后2小时, or 改期: the date that a customer's wish to wait is granted."""

from __future__ import annotations

from datetime import date

from handlers import cases
from handlers.actions.answer import case_id, now, press_of
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.incoming import Incoming
from handlers.views import View
from handlers.wording import moment


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    pressed = press_of(incoming)
    if pressed.value != "accept":
        until = cases.snooze(desk, case_id(pressed), actor)
        return now(desk, pressed, actor, f"{actor.name}延后到 {moment(until)}")
    matter = cases.take_up(desk, case_id(pressed), "delay", actor)
    chosen = pressed.selected.get("date", ())
    wanted = chosen[0] if chosen else matter.case.evidence.get("until")
    if not wanted:
        raise Late("先在下拉里选日期，再按改期")
    cases.accept_delay(desk, case_id(pressed), actor, _day(wanted))
    return now(desk, pressed, actor)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"日期「{text}」看不懂，请在下拉里选") from None
