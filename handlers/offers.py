"""Which buttons a card carries. Who may press them is checked on the press; here it is a hint."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from handlers import permissions
from handlers.actions import ACTIONS
from handlers.actions.action import Action, Button, CaseState, OrderState, nothing
from handlers.buttons import Offer
from handlers.desk import Actor
from handlers.stages import Moved
from handlers.views import OrderView
from models import Role

_OF_ENDED: Final = ("useful", "false_alarm", "trail")


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
    shown, menu = _laid(found, actor, (f"case:{case.case_id}", case.revision), case.role)
    if any(offer.action == "dismiss" for offer in menu):  # 忽略：误报 says it as well, and there is no room for both
        menu = tuple(offer for offer in menu if offer.action != "false_alarm")
    return shown, menu


def of_ended(case: CaseState, actor: Actor | None) -> tuple[Offer, ...]:
    """What stays behind 更多 when the matter is over: what people think of it, and what was done."""
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
