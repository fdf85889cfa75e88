"""改地址: where an order of our own goes."""

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
        raise Refusal(f"改成哪里？请发：改地址 {wanted.shown} 新地址")
    order_id = find.one(desk, wanted)
    return show.show_order(desk, order_id, actor, note=change.address(desk, order_id, actor, words))


COMMAND = Command(
    ("改地址", "修改地址", "换地址"),
    "改地址 编号 新地址",
    "改聊天、表格、邮件来的单的收件地址（仅私聊）",
    run,
    change.MAY,
    about_order=True,
    group=Group.ACT,
    example="改地址 CHAT-20251222-001 浙江省杭州市西湖区文三路 1 号",
    more=("换收件人就一起写：改地址 编号 姓名 电话 新地址", "平台的订单要买家在平台改，会给您一句可以转发的话"),
)
