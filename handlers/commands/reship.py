"""补发: the goods of an order once more, free, to the same receiver; linked to it."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request, with_shop
from handlers.desk import Actor, Desk
from handlers.drafts.drafts import MAKE
from handlers.related import mending
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return mending.begin(desk, request.rest, actor, "reship")


COMMAND = Command(
    ("补发", "补寄", "重发"),
    "补发 编号 [SKU 数量] [原因]",
    "按原单再发一次，不收钱",
    run,
    MAKE,
    about_order=True,
    group=Group.ACT,
    example="补发 JD-20251222-001 QH-CUP-RED 1 运输破损",
    brief="再发一次",
    more=("不写货品就是整单再发一次",),
    there=with_shop("chat"),
)
