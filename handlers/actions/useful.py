"""有用 / 误报: what a reader thinks of an alert, in words at any time; in the menu while it lives and when it is over.
Whoever may end a live matter is offered 忽略：误报 instead of 误报 (handlers/offers.py): it counts the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from handlers.actions.action import Action, Button, CaseState, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.usefulness import said
from handlers.views import TextView, View


def _say(useful: bool) -> Callable[[Desk, Incoming, Actor], View]:
    def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
        return TextView(said.say(desk, case_id(press_of(incoming)), actor, useful=useful))

    return press


def _offered(useful: bool) -> Callable[[CaseState], tuple[Button, ...]]:
    return lambda _case: (Button(said.WORDS[useful]),)


USEFUL: Final = Action(said.SAY, _say(True), words={"有用": ""}, on_case=_offered(True), in_menu=True)
FALSE_ALARM: Final = Action(
    said.SAY, _say(False), words={"误报": "", "没用": ""}, on_case=_offered(False), in_menu=True
)  # fmt: skip
