"""拦截: stop an order that the warehouse has in its hands."""

from __future__ import annotations

from handlers import find, show
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.holding import heard, intercept
from handlers.parse import as_typed
from handlers.views import View

_LONGEST = 100


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted, rest = find.one_in(desk, request.rest, "拦截")
    reason = as_typed(request.incoming.text, rest.strip(" ,，:：;；"))[:_LONGEST]
    if not reason:
        raise Refusal(f"为什么拦截？请发：拦截 {wanted.shown} 原因")
    order_id = find.one(desk, wanted)
    case_id = intercept.intercept(desk, order_id, actor, reason)
    said = f"{actor.name}：{heard.words(desk, case_id)}；结果会告诉您"
    return show.show_order(desk, order_id, actor, note=said)


COMMAND = Command(
    ("拦截", "拦下", "拦单"),
    "拦截 编号 原因",
    "仓库已经在配货的单，马上拦住",
    run,
    intercept.MAY,
    about_order=True,
    group=Group.ACT,
    example="拦截 JD-20251222-001 客户要退款",
    brief="叫停",
    more=("仓库回复 拦住 或 没拦住，结果会告诉您", "已经发出的会告诉您还能怎么办"),
)
