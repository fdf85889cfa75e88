"""启用, 影子, 停用, 取消, 预演: the buttons of a rule's card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from handlers import subjects
from handlers.actions.action import Action, Then, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming, Press
from handlers.rulebook import changing, dry_run, wording
from handlers.rulebook.show import ROLE
from handlers.rulebook.store import STATES
from handlers.views import TextView, View
from models import Role

_NOTES: Final = {
    "on": "马上生效，没发的订单几分钟内都会重新检查",
    "shadow": "只记数，不开异常；发「规则」看命中多少",
    "off": "不再开异常，它开着的异常会自动解除",
    "dropped": "",
}
_OVER: Final = "但它已经过期，要再用请改日期：规则 改 {} 到 不限"


def _rule_of(press: Press) -> int:
    kind, number = subjects.split(press.subject)
    if kind != "rule":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return number


def _switch(state: str) -> Callable[[Desk, Incoming, Actor], Then]:
    def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
        pressed = press_of(incoming)
        number, seen = _rule_of(pressed), pressed.revision or None
        made = changing.switch(desk, actor, number, state, seen=seen, role=_role(pressed))
        over = wording.standing(made.wish, desk.now) == wording.OVER
        note = _OVER.format(number) if over else _NOTES[state]
        return Then("：".join(part for part in (f"{actor.name}已设为{STATES[state]}", note) if part))

    return press


def _try(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    pressed = press_of(incoming)
    rule_id = _rule_of(pressed)
    tried = dry_run.wish_of(desk, rule_id)
    tried = replace(tried, role=_role(pressed) or tried.role)
    return TextView(dry_run.ask(desk, actor, tried, rule_id=rule_id))


def _role(press: Press) -> str:
    """What was chosen in the drop-down of a draft, "" where nothing was."""
    chosen = press.selected.get(ROLE, ())
    return chosen[0] if chosen and chosen[0] in set(Role) else ""


# Offered by the rule's own view (handlers/rulebook/show.py); typed by the number (handlers/commands/rule.py).
ON = Action(changing.SET, _switch("on"))
SHADOW = Action(changing.SET, _switch("shadow"))
OFF = Action(changing.SET, _switch("off"))
DROP = Action(changing.SET, _switch("dropped"))
TRY = Action(changing.SET, _try)
