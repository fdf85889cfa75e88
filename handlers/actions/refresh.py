"""刷新: a fresh look; changes nothing."""

from __future__ import annotations

from handlers.actions.action import Action, Button, Then
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.permissions import Permit


def press(_desk: Desk, _incoming: Incoming, _actor: Actor) -> Then:
    return Then()


ACTION = Action(
    Permit("刷新"),
    press,
    words={"刷新": "", "查": ""},
    on_order=lambda _: (Button("刷新"),),
    on_case=lambda _: (Button("刷新"),),
)
