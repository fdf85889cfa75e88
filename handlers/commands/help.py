"""帮助: the commands that the asker may give."""

from __future__ import annotations

from handlers import permissions
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.views import HelpView, View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    may = [command for command in request.known if permissions.allowed(command.permit, actor)]
    return HelpView(
        name=actor.name,
        roles=permissions.role_titles(actor.roles),
        commands=tuple((command.usage, command.does) for command in may),
    )


COMMAND = Command(("帮助", "help", "?", "怎么用", "菜单"), "帮助", "您可以用的命令", run, Permit("帮助"), asks=True)
