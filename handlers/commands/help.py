"""帮助: the commands that the asker may give."""

from __future__ import annotations

from handlers import commands, permissions
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk
from handlers.views import HelpView, View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    may = [command for slug, command in commands.COMMANDS.items() if permissions.allowed(slug, actor)]
    return HelpView(
        name=actor.name,
        roles=permissions.role_titles(actor.roles),
        commands=tuple((command.usage, command.does) for command in may),
    )


COMMAND = Command(("帮助", "help", "?", "怎么用", "菜单"), "帮助", "您可以用的命令", run, asks=True)
