"""异常: live cases by kind and owner; 异常 地址: one kind; 异常 我的, 异常 老王."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.reports.exceptions import exceptions, wanted
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return exceptions(desk, wanted(desk, request.rest, actor))


COMMAND = Command(
    ("异常", "异常单", "问题单"),
    "异常 [种类/人名/我的]",
    "没处理完的异常：哪几种、在谁手上",
    run,
    Permit("异常"),
    asks=True,
    group=Group.ASK,
    example="异常 地址",
    brief="没办完",
    more=("可以写种类（地址、缺货）、人名、我的、待认领，也可以加店铺或环节：异常 京东 缺货",),
)
