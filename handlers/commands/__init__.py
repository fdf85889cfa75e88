"""What people can type. A new command is one file here and one line in COMMANDS."""

from __future__ import annotations

from typing import Final

from handlers import parse, permissions
from handlers.commands import (
    approve,
    assign,
    board,
    case,
    find,
    help,
    mine,
    note,
    pick,
    reveal,
    ship,
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
    "case": case.COMMAND,
    "help": help.COMMAND,
}

_NAMES: Final = {name: slug for slug, command in COMMANDS.items() for name in command.names}
NAMES: Final = {name: _NAMES[name] for name in sorted(_NAMES, key=len, reverse=True)}
"""Every name → slug; the longer first, because 查一下 also begins with 查."""


def run(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    """Do what a typed line asks for. Raises Refusal: not understood, not allowed, not possible."""
    asked = parse.read(incoming.text, NAMES)
    if asked is None:
        if not parse.normal(incoming.text):
            return COMMANDS["help"].run(desk, Request(incoming, ""), actor)
        raise Refusal(_not_understood(incoming.text))
    command = COMMANDS[asked.slug]
    permissions.check(desk, asked.slug, actor)
    rest = _with_quoted(asked.rest, incoming.quoted) if command.about_order else asked.rest
    return command.run(desk, Request(incoming, rest, asked.code), actor)


def only_asks(text: str) -> bool:
    """Whether a typed line is a question, which changes nothing however often it is asked."""
    asked = parse.read(text, NAMES)
    return asked is not None and COMMANDS[asked.slug].asks


def _with_quoted(rest: str, quoted: str) -> str:
    """A reply to a card need not repeat its number."""
    tag = parse.tag_in(quoted) if quoted else ""
    named = parse.references(rest)[0]
    # 备注 3 个杯子: a small number is part of the words where a card was quoted.
    own = bool(named) and (named[0].kind != "digits" or len(named[0].text) >= 3)
    return rest if own or not tag else f"{tag} {rest}".strip()


def _not_understood(text: str) -> str:
    name = parse.suggestion(text, NAMES)
    if name:
        return f"您是想说「{name}」吗？请发：{COMMANDS[NAMES[name]].usage}"
    return "没有听懂。发「帮助」看可以用的命令，或直接发订单编号查询"
