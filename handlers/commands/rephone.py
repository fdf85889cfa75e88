"""改电话: the number of whoever gets an order of our own."""

from __future__ import annotations

from handlers import find, show
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.receivers import change
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    if request.incoming.is_group:
        raise Refusal(change.IN_A_GROUP)
    wanted, rest = find.first_in(request.rest)
    words = rest.strip(" ,，:：;；")
    if not words:
        raise Refusal(f"改成多少？请发：改电话 {wanted.shown} 13800001234")
    order_id = find.one(desk, wanted)
    return show.show_order(desk, order_id, actor, note=change.phone(desk, order_id, actor, words))


COMMAND = Command(
    ("改电话", "改手机", "改手机号", "换电话"),
    "改电话 编号 号码",
    "改聊天、表格、邮件来的单的收件电话（仅私聊）",
    run,
    change.MAY,
    about_order=True,
    group=Group.ACT,
    example="改电话 CHAT-20251222-001 13800001234",
    more=("平台的订单要买家在平台改",),
)
