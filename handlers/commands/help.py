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
        commands=tuple(_entry(command, actor) for command in sorted(found, key=lambda one: groups.index(one.group))),
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


def _entry(command: Command, actor: Actor) -> HelpEntry:
    """As whoever asks may give it: of what they would be refused only the part that asks."""
    may_change = command.changes is None or permissions.allowed(command.changes, actor)
    shown = command if may_change or command.looking is None else command.looking
    return HelpEntry(
        group=str(command.group),
        usage=shown.usage,
        does=shown.does,
        example=shown.example,
        names=command.names,
        more=shown.more,
        who=_who(command),
        brief=command.brief,
    )


def _who(command: Command) -> str:
    """Whom the detail names, "" where that is everybody."""
    if command.changes is not None:
        return f"改动由{permissions.role_titles(command.changes.roles)}操作"
    if command.permit.own_role or command.permit.roles == permissions.EVERYBODY:
        return ""
    return f"由{permissions.role_titles(command.permit.roles)}操作"


COMMAND = Command(
    ("帮助", "help", "?", "怎么用", "菜单"),
    "帮助 [命令]",
    "您可以用的命令",
    run,
    Permit("帮助"),
    asks=True,
    group=Group.ASK,
    example="帮助 发货",
    brief="怎么用",
    more=("帮助 后面写命令，看它怎么用；写 查询、处理、人员、设置，看那一组",),
)
