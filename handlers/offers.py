"""Which buttons a card carries. Who may press them is checked on the press; here it is a hint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from handlers import permissions
from handlers.actions import ACTIONS
from handlers.actions.action import Action, Button, CaseState, OrderState, nothing
from handlers.buttons import Choice, Offer
from handlers.desk import Actor
from handlers.stages import Moved
from handlers.views import OrderView
from handlers.wording import day_of
from models import Role

_WEEKDAYS: Final = "一二三四五六日"
_DAYS_AHEAD: Final = (1, 2, 3, 5, 7, 10, 14, 21, 30)
_MOST_OPTIONS: Final = 10
_OF_ENDED: Final = ("useful", "false_alarm")


def of_order(order: OrderState, actor: Actor | None) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """The buttons of an order's card, and those behind 更多."""
    found = [
        (action, slug, button)
        for slug, action in ACTIONS.items()
        if action.on_order is not nothing
        for button in action.on_order(order)
    ]
    return _laid(found, actor, (f"order:{order.order_id}", order.revision))


def with_undo(view: OrderView, moved: Moved) -> OrderView:
    """The order's view with the button that takes the step back."""
    undo = Offer("撤销", "send_back", f"order:{moved.order_id}", moved.revision)
    return replace(view, offers=(*view.offers, undo))


def of_case(case: CaseState, actor: Actor | None) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """The buttons of a case's card, at most six, and those behind 更多."""
    found = [
        (action, slug, button)
        for slug, action in ACTIONS.items()
        if action.on_case is not nothing
        for button in action.on_case(case)
    ]
    return _laid(found, actor, (f"case:{case.case_id}", case.revision), case.role)


def of_ended(case: CaseState, actor: Actor | None) -> tuple[Offer, ...]:
    """What stays behind 更多 when the matter is over: what people think of it."""
    found = [(ACTIONS[slug], slug, button) for slug in _OF_ENDED for button in ACTIONS[slug].on_case(case)]
    return _laid(found, actor, (f"case:{case.case_id}", case.revision), case.role)[1]


def _laid(
    found: list[tuple[Action, str, Button]], actor: Actor | None, seen: tuple[str, int], own: Role | None = None
) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:  # fmt: skip
    """What the reader may press, the main ones first; `seen` is the subject and the revision that the card shows."""
    shown: list[Offer] = []
    menu: list[Offer] = []
    for action, slug, button in sorted(found, key=lambda one: one[2].style != "main"):
        if permissions.allowed(action.permit, actor, own=own):
            offer = Offer(button.text, slug, *seen, button.value, button.style)
            (menu if action.in_menu else shown).append(offer)
    return tuple(shown), tuple(menu)


def choice_of_case(case: CaseState, people: Sequence[tuple[int, str]], now: datetime) -> Choice | None:
    """The drop-down beside the buttons: a new date for a wish to wait, else a person to hand it to."""
    if case.kind == "delay_request":
        return _dates(case.evidence.get("until"), now)
    if not case.is_alone:
        return None
    others = tuple((str(number), name) for number, name in people if number != case.owner_id)
    return Choice("person", "转交给", others[:_MOST_OPTIONS]) if others else None


def _dates(until: str | None, now: datetime) -> Choice:
    today = day_of(now)
    days = [today + timedelta(days=ahead) for ahead in _DAYS_AHEAD]
    wished = date.fromisoformat(until) if until else None
    if wished is not None and wished > today:
        days = [wished, *(day for day in days if day != wished)]
    options = tuple((day.isoformat(), _day_words(day)) for day in days[:_MOST_OPTIONS])
    return Choice("date", "改到", options, wished.isoformat() if wished else "")


def _day_words(day: date) -> str:
    return f"{day:%m-%d} 周{_WEEKDAYS[day.weekday()]}"
