"""作废: an order that was made in chat, and should not have been."""

from __future__ import annotations

from handlers import find, show
from handlers.commands.command import Command, Group, Request, with_shop
from handlers.desk import Actor, Desk, Refusal
from handlers.drafts import drafts
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted, rest = find.one_in(desk, request.rest, "作废")
    reason = rest.strip(" ,，:：")
    if not reason:
        raise Refusal(f"为什么作废？请发：作废 {wanted.text} 原因")
    order_id = find.one(desk, wanted)
    drafts.withdraw(desk, order_id, actor, reason[:100])
    return show.show_order(desk, order_id, actor, note=f"{actor.name}已作废，马上撤下")


COMMAND = Command(
    ("作废", "撤单"),
    "作废 编号 原因",
    "撤掉聊天里下错的单",
    run,
    drafts.MAKE,
    about_order=True,
    group=Group.ACT,
    example="作废 CHAT-20251222-001 下错了",
    brief="撤下错的单",
    more=("平台的单在平台取消",),
    there=with_shop("chat"),
)
