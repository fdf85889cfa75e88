"""查看清单: the orders of a group matter, oldest first."""

from __future__ import annotations

from handlers import listing
from handlers.actions.answer import case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.views import View


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    return listing.of_group(desk, case_id(press_of(incoming)))
