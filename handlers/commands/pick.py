"""配货: the next step."""

from __future__ import annotations

from handlers.batches import typed
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.permissions import STEPS
from handlers.views import View
from models.stages import Verb


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return typed.step(desk, request, actor, Verb.PICK)


COMMAND = Command(
    ("配货", "配好", "拣货"),
    "配货 编号 [编号…]",
    "待配货 → 待发货",
    run,
    STEPS[Verb.PICK],
    about_order=True,
    group=Group.ACT,
    example="配货 JD-20251222-001",
    brief="配好了",
    more=("可以写几个编号、范围（001-020、JD 001-020）、店铺（京东、TB）或 全部，会先问一次", "60 秒内可以 撤销"),
)
