"""我的: what lies with me."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.mine import mine
from handlers.permissions import Permit
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return mine(desk, actor)


COMMAND = Command(
    ("我的", "我的任务", "我的待办", "待办"),
    "我的",
    "我手上的异常和订单",
    run,
    Permit("我的"),
    asks=True,
    group=Group.ASK,
    example="我的",
    brief="手上的事",
)
