"""重新对账: the day of the card once more, every shop of it."""

from __future__ import annotations

from handlers import subjects
from handlers.actions.action import Action, Then, press_of
from handlers.completeness import proof, which_shop
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.permissions import Permit
from models import Role


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    kind, number = subjects.split(press_of(incoming).subject)
    if kind != "proof":
        raise Refusal("这张卡片没有这个操作，请刷新")
    day = proof.day_of_number(number)
    proof.ask(desk, which_shop.read_shops(desk), day, actor)
    return Then(f"{actor.name}已开始重新对账，逐店出结果后更新")


ACTION = Action(Permit("对账", frozenset({Role.SUPERVISOR})), press)
