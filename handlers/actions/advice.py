"""改为 3h, 只进日报, 关闭, 保持, 撤销: the buttons of a proposal's card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from handlers import subjects
from handlers.actions.action import Action, Then, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming, Press
from handlers.usefulness import deciding
from handlers.usefulness.proposals import LIMIT, OFF, QUIET

_DONE: Final = "马上生效；60 秒内可以撤销，之后用「阈值」改回"


def _advice_of(press: Press) -> int:
    kind, number = subjects.split(press.subject)
    if kind != "advice":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return number


def _accept(way: str) -> Callable[[Desk, Incoming, Actor], Then]:
    def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
        deciding.accept(desk, actor, _advice_of(press_of(incoming)), way)
        return Then(_DONE)

    return press


def _keep(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    deciding.keep(desk, actor, _advice_of(press_of(incoming)))
    return Then("好的，保持不变，4 周内不再提")


def _take_back(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    deciding.take_back(desk, actor, _advice_of(press_of(incoming)))
    return Then("已撤销，和原来一样")


# Offered by the proposal's own view (handlers/usefulness/show.py); typed by its number (handlers/commands/advice.py).
LONGER: Final = Action(deciding.PERMITS[LIMIT], _accept(LIMIT))
DIGESTS: Final = Action(deciding.PERMITS[QUIET], _accept(QUIET))
CLOSE: Final = Action(deciding.PERMITS[OFF], _accept(OFF))
KEEP: Final = Action(deciding.PERMITS[deciding.KEEP], _keep)
TAKE_BACK: Final = Action(deciding.TAKE_BACK, _take_back)
