"""为什么没收到: what was owed about a matter or to a person, and what became of it."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.letters import trace
from handlers.permissions import Permit
from handlers.views import TextView, View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return TextView(trace.why(desk, actor, request.rest), private=True)


COMMAND = Command(
    ("为什么没收到", "为啥没收到", "没收到", "消息去哪了"),
    "为什么没收到 [短码/编号]",
    "一件事的消息发给了谁、没发的原因",
    run,
    Permit("为什么没收到"),
    asks=True,
    group=Group.ASK,
    example="为什么没收到 A7F2",
    brief="查消息",
    more=("不写编号，看近两天给自己的消息；主管可以写同事的名字",),
)
