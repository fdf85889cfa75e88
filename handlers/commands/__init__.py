"""What people can type. A new command is one file here and one line in COMMANDS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from handlers import actions, parse, permissions
from handlers.commands import (
    approve,
    assign,
    board,
    case,
    find,
    group_id,
    help,
    mine,
    note,
    pick,
    reveal,
    ship,
    stock,
    trail,
)
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.views import View

COMMANDS: Final[dict[str, Command]] = {
    "board": board.COMMAND,
    "find": find.COMMAND,
    "mine": mine.COMMAND,
    "approve": approve.COMMAND,
    "pick": pick.COMMAND,
    "ship": ship.COMMAND,
    "note": note.COMMAND,
    "assign": assign.COMMAND,
    "reveal": reveal.COMMAND,
    "trail": trail.COMMAND,
    "stock": stock.COMMAND,
    "case": case.COMMAND,
    "group_id": group_id.COMMAND,
    "help": help.COMMAND,
}


@cache
def names() -> Mapping[str, str]:
    """Every name → slug; the longer first, because 查一下 also begins with 查."""
    found = {name: slug for slug, command in COMMANDS.items() for name in command.names}
    return {name: found[name] for name in sorted(found, key=len, reverse=True)}


def read(line: str) -> parse.Asked | None:
    """What a typed line asks for; None when it is no command."""
    return parse.read(line, names(), actions.words())


def run(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    """Do what a typed line asks for. Raises Refusal: not understood, not allowed, not possible."""
    asked = read(incoming.text)
    if asked is None:
        if not parse.normal(incoming.text):
            return COMMANDS["help"].run(desk, Request(incoming, "", COMMANDS.values()), actor)
        raise Refusal(_not_understood(incoming.text))
    command = COMMANDS[asked.slug]
    permissions.check(desk, command.permit, actor)
    rest = _with_quoted(asked.rest, incoming.quoted) if command.about_order else asked.rest
    return command.run(desk, Request(incoming, rest, COMMANDS.values(), asked.code), actor)


def only_asks(text: str) -> bool:
    """Whether a typed line is a question, which changes nothing however often it is asked."""
    asked = read(text)
    return asked is not None and COMMANDS[asked.slug].asks


def _with_quoted(rest: str, quoted: str) -> str:
    """A reply to a card need not repeat its number."""
    tag = parse.tag_in(quoted) if quoted else ""
    named = parse.references(rest)[0]
    # 备注 3 个杯子: a small number is part of the words where a card was quoted.
    own = bool(named) and (named[0].kind != "digits" or len(named[0].text) >= 3)
    return rest if own or not tag else f"{tag} {rest}".strip()


def _not_understood(text: str) -> str:
    known = names()
    name = parse.suggestion(text, known)
    if name:
        return f"您是想说「{name}」吗？请发：{COMMANDS[known[name]].usage}"
    return "没有听懂。发「帮助」看可以用的命令，或直接发订单编号查询"
