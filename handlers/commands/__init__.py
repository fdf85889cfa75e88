"""What people can type. A new command is one file here and one line in COMMANDS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from handlers import actions, parse, permissions
from handlers.commands import (
    approve,
    assign,
    backfill,
    board,
    case,
    columns,
    draft,
    exchange,
    find,
    group_id,
    hand_in,
    help,
    map,
    mine,
    new_order,
    note,
    pick,
    prove,
    reship,
    resume,
    reveal,
    ship,
    stock,
    trail,
    withdraw,
)
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.drafts import drafts
from handlers.incoming import Incoming
from handlers.views import View
from texts.order import begins_with_label, is_order

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
    "map": map.COMMAND,
    "new_order": new_order.COMMAND,
    "reship": reship.COMMAND,
    "exchange": exchange.COMMAND,
    "withdraw": withdraw.COMMAND,
    "draft": draft.COMMAND,
    "backfill": backfill.COMMAND,
    "prove": prove.COMMAND,
    "resume": resume.COMMAND,
    "case": case.COMMAND,
    "hand_in": hand_in.COMMAND,
    "columns": columns.COMMAND,
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
    asked = _asked(desk, incoming, actor)
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
    return asked is not None and COMMANDS[asked.slug].asks and not _may_answer(text, asked)


def _asked(desk: Desk, incoming: Incoming, actor: Actor) -> parse.Asked | None:
    """What a message asks for. In a chat of one's own it may also be an order that a customer wrote, or the answer to
    what an open draft asks."""
    asked = read(incoming.text)
    if incoming.is_group or not _may_answer(incoming.text, asked):
        return asked
    question = drafts.question_to(desk, actor)
    if is_order(incoming.text) and question not in drafts.WHO:
        return parse.Asked("new_order", parse.normal(incoming.text))
    return asked if question is None else parse.Asked("draft", parse.normal(incoming.text))


def _may_answer(text: str, asked: parse.Asked | None) -> bool:
    """Whether a line can be the answer to a question: it is no command, or one only for want of better (a number, a
    form that begins with 收件人：, 补发 without an order)."""
    if asked is None or begins_with_label(text):
        return True
    if asked.slug in ("reship", "exchange"):
        named = parse.reference(asked.rest)
        return named is None or named[0].kind in ("name", "phone")
    return asked.slug == "find" and asked.rest == parse.normal(text)


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
