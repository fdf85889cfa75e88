"""导入: of which shop the sender's last file is; without a name, how to import and what was imported last."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request, with_shop
from handlers.desk import Actor, Desk
from handlers.received import lately, received
from handlers.received import look as received_look
from handlers.received.received import PERMIT
from handlers.views import TextView, View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    received.shops_or_refuse(desk)
    name = request.rest.strip()
    if not name:
        return TextView(lately.words(desk, actor), private=True)
    return TextView(received_look.choose(desk, actor, name))


COMMAND = Command(
    ("导入", "导入表格"),
    "导入 [店名]",
    "怎么导入表格，最近导入了什么",
    run,
    PERMIT,
    group=Group.ACT,
    example="导入",
    brief="表格进单",
    more=("几个店都能导入时，说刚发的文件是哪个店的：导入 青禾表格",),
    there=with_shop("sheet"),
)
