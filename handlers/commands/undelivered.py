"""未送达: messages that did not arrive, and why."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.letters import lost
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Role


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return TextView(lost.lost(desk), private=True)


COMMAND = Command(
    ("未送达", "未送达消息", "没送到的消息"),
    "未送达",
    "近 7 天没有送到的消息和原因",
    run,
    Permit("未送达", frozenset({Role.SUPERVISOR})),
    asks=True,
    group=Group.STEER,
    example="未送达",
    brief="没送到的",
    more=("每条有编号，发「重发消息 编号」再发一次",),
)
