"""瓶颈: what held things up in the last week."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.reports.bottleneck import bottleneck
from handlers.views import View
from models import Role


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return bottleneck(desk)


COMMAND = Command(
    ("瓶颈", "卡在哪", "堵在哪"),
    "瓶颈",
    "最近 7 天卡在哪个环节、哪家店、哪种异常",
    run,
    Permit("瓶颈", frozenset({Role.SUPERVISOR})),
    asks=True,
    group=Group.ASK,
    example="瓶颈",
    brief="卡在哪",
    more=("中位：一半的单比它快；九成：十单里九单比它快；还在等的也算进去",),
)
