"""话术: words about an order for the marketplace's own chat."""

from __future__ import annotations

from typing import Final

from handlers import find
from handlers.commands.command import Command, Group, Request
from handlers.customers import scripts
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Role

_PERMIT: Final = Permit("话术", frozenset({Role.SERVICE}))


def run(desk: Desk, request: Request, _actor: Actor) -> View:
    wanted, _ = find.one_in(desk, request.rest, "看")
    return TextView(scripts.script(desk, find.one(desk, wanted)))


COMMAND = Command(
    ("话术", "回复客户", "怎么回客户"),
    "话术 编号",
    "按订单现在的状态给一段话，复制到平台聊天里回复买家",
    run,
    _PERMIT,
    about_order=True,
    asks=True,
    group=Group.ASK,
    example="话术 JD-20251222-001",
    brief="回买家的话",
    more=("发货、延期、缺货选择、退款、补地址各有一段；不带电话、地址和链接",),
)
