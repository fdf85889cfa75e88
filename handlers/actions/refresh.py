"""刷新: a fresh look; changes nothing."""

from __future__ import annotations

from handlers.actions.answer import now, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.views import View


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    return now(desk, press_of(incoming), actor)
