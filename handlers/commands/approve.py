"""审核: the next step."""

from __future__ import annotations

from handlers.batches import typed
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.permissions import STEPS
from handlers.views import View
from models.stages import Verb


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return typed.step(desk, request, actor, Verb.APPROVE)


COMMAND = Command(
    ("审核", "审单", "审核通过", "批准", "批量审核"),
    "审核 编号 [编号…]",
    "待审核 → 待配货",
    run,
    STEPS[Verb.APPROVE],
    about_order=True,
    group=Group.ACT,
    example="审核 JD-20251222-001",
    brief="放行配货",
    more=("可以写几个编号、范围（001-020、JD 001-020）、店铺（京东、TB）或 全部，会先问一次", "60 秒内可以 撤销"),
)
