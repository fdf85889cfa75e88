"""列: what the columns of a table mean that the sender's last file has."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request, with_shop
from handlers.desk import Actor, Desk
from handlers.received import columns as received_columns
from handlers.received import received
from handlers.views import TextView, View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    received.shops_or_refuse(desk)
    return TextView(received_columns.say(desk, actor, request.rest))


COMMAND = Command(
    ("列", "表头"),
    "列 表头=意思",
    "告诉我表格的哪一列是什么",
    run,
    received.PERMIT,
    group=Group.ACT,
    example="列 收货信息=地址 货品=商品",
    brief="认列",
    there=with_shop("sheet"),
)
