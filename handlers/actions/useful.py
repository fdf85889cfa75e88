"""有用 / 误报: what a reader thinks of an alert, in words at any time; by a button where the card has room, and when
the matter is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from handlers.actions.action import Action, Button, CaseState, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.usefulness import said
from handlers.views import TextView, View
from models.case import LIVE


def _say(useful: bool) -> Callable[[Desk, Incoming, Actor], View]:
    def press(desk: Desk, incoming: Incoming, actor: Actor) -> View:
        return TextView(said.say(desk, case_id(press_of(incoming)), actor, useful=useful))

    return press


def _offered(useful: bool) -> Callable[[CaseState], Sequence[Button]]:
    def on_case(case: CaseState) -> tuple[Button, ...]:
        """A live matter of one order has a full menu, with 忽略：误报 in it."""
        return () if case.state in LIVE and case.is_alone else (Button(said.WORDS[useful]),)

    return on_case


USEFUL: Final = Action(said.SAY, _say(True), words={"有用": ""}, on_case=_offered(True), in_menu=True)
FALSE_ALARM: Final = Action(
    said.SAY, _say(False), words={"误报": "", "没用": ""}, on_case=_offered(False), in_menu=True
)  # fmt: skip
