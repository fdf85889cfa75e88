"""查看清单: the orders of a group matter, oldest first."""

from __future__ import annotations

from handlers import groups, listing
from handlers.actions.action import Action, Button, CaseState, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.permissions import Permit
from handlers.views import View


def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    return listing.of_group(desk, case_id(press_of(incoming)))


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("查看清单"),) if case.kind == groups.KIND else ()


ACTION = Action(Permit("查看清单"), press, words={"查看清单": "", "清单": ""}, on_case=_on_case)
