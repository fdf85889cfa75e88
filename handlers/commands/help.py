"""帮助: the commands that the asker may give; 帮助 发货: one of them in detail; 帮助 查询: one group."""

from __future__ import annotations

from handlers import permissions
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import Words, normal, suggestion
from handlers.permissions import Permit
from handlers.views import HelpEntry, HelpView, View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted = normal(request.rest)
    may = [
        command
        for command in request.known
        if permissions.allowed(command.permit, actor) and command.there(desk.settings)
    ]
    found = _about(wanted, list(request.known), actor) if wanted else may
    if wanted in set(Group):
        found = [command for command in may if command.group == wanted]
    groups = list(Group)
    return HelpView(
        name=actor.name,
        roles=permissions.role_titles(actor.roles),
        commands=tuple(_entry(command) for command in sorted(found, key=lambda one: groups.index(one.group))),
        topic=wanted,
    )


def _about(wanted: str, known: list[Command], actor: Actor) -> list[Command]:
    """The command of that name, also where somebody else may give it. Raises Refusal where there is none."""
    if wanted in set(Group):
        return []
    names = Words({name: str(place) for place, command in enumerate(known) for name in command.names})
    found = names.at(wanted)
    if found is None:
        near = suggestion(wanted, names)
        hint = f"您是想看「帮助 {near}」吗？" if near else "发「帮助」看可以用的命令"
        raise Refusal(f"没有「{wanted[:20]}」这个命令。{hint}")
    return [known[int(names[found[0]])]]


def _entry(command: Command) -> HelpEntry:
    roles = permissions.role_titles(command.permit.roles)
    return HelpEntry(
        group=str(command.group),
        usage=command.usage,
        does=command.does,
        example=command.example,
        names=command.names,
        more=command.more,
        who="" if command.permit.own_role or command.permit.roles == permissions.EVERYBODY else roles,
    )


COMMAND = Command(
    ("帮助", "help", "?", "怎么用", "菜单"),
    "帮助 [命令]",
    "您可以用的命令",
    run,
    Permit("帮助"),
    asks=True,
    group=Group.ASK,
    example="帮助 发货",
    more=("帮助 后面写命令，看它怎么用；写 查询、处理、人员、设置，看那一组",),
)
