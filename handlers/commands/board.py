"""看板: what lies where, what is late."""

from __future__ import annotations

from dataclasses import replace

from handlers import login
from handlers.board import board
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    view = board(desk, actor)
    # A link that logs in goes to one person alone; in a group the page asks for it.
    return replace(view, link=f"{view.link}/board" if request.incoming.is_group else login.link(desk, actor))


COMMAND = Command(
    ("看板", "面板", "进度", "board"),
    "看板",
    "各环节多少单、超时、金额",
    run,
    Permit("看板"),
    asks=True,
    group=Group.ASK,
    example="看板",
    brief="各环节几单",
)
