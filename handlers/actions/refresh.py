"""刷新: a fresh look; changes nothing."""

from __future__ import annotations

from handlers.actions.action import Action, Button
from handlers.actions.answer import now, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.permissions import Permit
from handlers.views import View


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    return now(desk, press_of(incoming), actor)


ACTION = Action(
    Permit("刷新"),
    press,
    words={"刷新": "", "查": ""},
    on_order=lambda _: (Button("刷新"),),
    on_case=lambda _: (Button("刷新"),),
)
