"""What people can type. A new command is one file here and one line in COMMANDS."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from handlers import actions, codes, parse, permissions
from handlers import find as find_orders
from handlers.commands import (
    absence,
    advice,
    alone,
    approve,
    assign,
    backfill,
    backlog,
    batch,
    bind_code,
    blacklist,
    board,
    bottleneck,
    case,
    claim,
    columns,
    daily,
    dispatching,
    draft,
    duty,
    exceptions,
    exchange,
    feedback,
    field,
    find,
    goods_in,
    group_id,
    hand_in,
    hand_over,
    help,
    hold,
    intercept,
    lead,
    limits,
    lock,
    map,
    mine,
    mishap,
    mute,
    new_order,
    note,
    notices,
    one_wish,
    order,
    overdue,
    pass_on,
    pick,
    promo,
    prove,
    readdress,
    rephone,
    resend,
    reship,
    resume,
    reveal,
    roles,
    rule,
    script,
    ship,
    skills,
    stock,
    trail,
    try_rule,
    undelivered,
    understanding,
    undo,
    unlock,
    weekly,
    why,
    why_not,
    withdraw,
)
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.drafts import drafts
from handlers.incoming import Incoming
from handlers.views import TextView, View
from texts.order import begins_with_label, is_order

COMMANDS: Final[dict[str, Command]] = {
    "board": board.COMMAND,
    "find": find.COMMAND,
    "mine": mine.COMMAND,
    "backlog": backlog.COMMAND,
    "overdue": overdue.COMMAND,
    "exceptions": exceptions.COMMAND,
    "daily": daily.COMMAND,
    "bottleneck": bottleneck.COMMAND,
    "feedback": feedback.COMMAND,
    "approve": approve.COMMAND,
    "pick": pick.COMMAND,
    "ship": ship.COMMAND,
    "note": note.COMMAND,
    "field": field.COMMAND,
    "hold": hold.COMMAND,
    "lock": lock.COMMAND,
    "unlock": unlock.COMMAND,
    "intercept": intercept.COMMAND,
    "readdress": readdress.COMMAND,
    "rephone": rephone.COMMAND,
    "undo": undo.COMMAND,
    "batch": batch.COMMAND,
    "assign": assign.COMMAND,
    "pass_on": pass_on.COMMAND,
    "claim": claim.COMMAND,
    "duty": duty.COMMAND,
    "lead": lead.COMMAND,
    "skills": skills.COMMAND,
    "hand_over": hand_over.COMMAND,
    "keep_over": hand_over.WITHDRAW,
    "take_over": hand_over.ACCEPT,
    "refuse_over": hand_over.REFUSE,
    "absence": absence.COMMAND,
    "end_absence": absence.END,
    "roles": roles.COMMAND,
    "reveal": reveal.COMMAND,
    "trail": trail.COMMAND,
    "stock": stock.COMMAND,
    "goods_in": goods_in.COMMAND,
    "map": map.COMMAND,
    "new_order": new_order.COMMAND,
    "reship": reship.COMMAND,
    "exchange": exchange.COMMAND,
    "mishap": mishap.COMMAND,
    "withdraw": withdraw.COMMAND,
    "draft": draft.COMMAND,
    "backfill": backfill.COMMAND,
    "prove": prove.COMMAND,
    "resume": resume.COMMAND,
    "case": case.COMMAND,
    "order": order.COMMAND,
    "hand_in": hand_in.COMMAND,
    "columns": columns.COMMAND,
    "group_id": group_id.COMMAND,
    "why_not": why_not.COMMAND,
    "undelivered": undelivered.COMMAND,
    "resend": resend.COMMAND,
    "limits": limits.COMMAND,
    "dispatching": dispatching.COMMAND,
    "notices": notices.COMMAND,
    "script": script.COMMAND,
    "bind_code": bind_code.COMMAND,
    "mute": mute.COMMAND,
    "promo": promo.COMMAND,
    "weekly": weekly.COMMAND,
    "advice": advice.COMMAND,
    "rule": rule.COMMAND,
    "blacklist": blacklist.COMMAND,
    "try_rule": try_rule.COMMAND,
    "why": why.COMMAND,
    "help": help.COMMAND,
}


@cache
def names() -> parse.Words[str]:
    """Every name → slug; the longer first, because 查一下 also begins with 查."""
    shown = [command.names[0] for command in COMMANDS.values() if command.names]
    asking = [name for command in COMMANDS.values() if command.asks for name in command.names]
    meanings = {name: slug for slug, command in COMMANDS.items() for name in command.names}
    return parse.Words(meanings, short=shown, asking=asking)


def read(line: str, quoted: str = "") -> parse.Asked | None:
    """What a typed line asks for, perhaps in reply to a card; None when it is no command."""
    asked = _read(line)
    if not quoted:
        return asked
    asked = _about_quoted(line, quoted, asked)
    if asked is None or not COMMANDS[asked.slug].about_order or parse.names_one(asked.rest):
        return asked
    tag = parse.tag_shown(quoted)  # a reply to a card need not repeat its number
    return replace(asked, rest=f"{tag} {asked.rest}".strip()) if tag else asked


def _read(line: str) -> parse.Asked | None:
    asked = parse.read(line, names(), actions.words())
    return asked if asked is None else understanding.question_behind(asked, names(), COMMANDS)


def run(desk: Desk, incoming: Incoming, actor: Actor, asked: parse.Asked | None = None) -> View:
    """Do what a typed line asks for; `asked` is what `read` made of it, where that is known. Raises Refusal: not
    understood, not allowed, not possible."""
    asked = _asked(desk, incoming, actor, asked or read(incoming.text, incoming.quoted))
    if asked is None:
        if not parse.normal(incoming.text):
            return COMMANDS["help"].run(desk, Request(incoming, "", COMMANDS.values()), actor)
        alone_said = alone.answer(desk, incoming.text, actor)
        if isinstance(alone_said, TextView):
            return alone_said
        asked = alone_said or _guessed(desk, incoming.text)
    command = COMMANDS[asked.slug]
    permissions.check(desk, command.permit, actor)
    if command.names and not command.asks and (wrong := parse.misread(asked.rest, orders=command.about_order)):
        raise Refusal(wrong)
    known = parse.Known(names(), actions.words(), {shop.prefix for shop in desk.settings.shops})
    one_wish.check(asked, command, incoming.text if asked.code else asked.rest, known)
    view = command.run(desk, Request(incoming, asked.rest, COMMANDS.values(), asked.code), actor)
    return understanding.said(view, asked.guess) if asked.guess else view


def only_asks(asked: parse.Asked | None, text: str) -> bool:
    """Whether a typed line is a question, which changes nothing however often it is asked."""
    return asked is not None and COMMANDS[asked.slug].asks and not _may_answer(text, asked)


def _asked(desk: Desk, incoming: Incoming, actor: Actor, read_as: parse.Asked | None) -> parse.Asked | None:
    """What a message asks for. In a chat of one's own it may also be an order that a customer wrote, or the answer to
    what an open draft asks."""
    asked = _in_this_company(desk, incoming.text, read_as)
    if incoming.is_group or not _may_answer(incoming.text, asked):
        return asked
    question = drafts.question_to(desk, actor)
    if question is not None and alone.answers_newer(desk, incoming.text, actor):
        return None
    if is_order(incoming.text) and question not in drafts.WHO:
        return parse.Asked("new_order", parse.normal(incoming.text))
    return asked if question is None else parse.Asked("draft", parse.normal(incoming.text))


def _in_this_company(desk: Desk, line: str, asked: parse.Asked | None) -> parse.Asked | None:
    """sh 001 means 审核, but not where a shop's orders are called SH; TB23 is an order of the shop TB, unless a card is
    called so."""
    prefixes = {shop.prefix for shop in desk.settings.shops}
    if asked is not None and (order := parse.like_a_tag(asked.code, prefixes)) and not codes.is_known(desk, asked.code):
        return _read(f"{order} {asked.rest}".strip())
    if asked is not None and not asked.letters:
        return asked
    letters = parse.letters_in(parse.normal(line))
    if letters is not None and letters[0].upper() in prefixes:
        return parse.numbers(parse.normal(line))
    return asked if asked is not None and asked.named else None


_BESIDE_CODE: Final = {
    "take_over": "交接", "refuse_over": "交接", "keep_over": "交接", "end_absence": "请假", "try_rule": "规则",
}  # fmt: skip
"""Commands that a quoted card makes unmistakable → what its code begins with."""


def _about_quoted(line: str, quoted: str, asked: parse.Asked | None) -> parse.Asked | None:
    """A verb alone is about the quoted card: the matter itself where it is the matter's verb, else its order."""
    if asked is not None and asked.slug in _BESIDE_CODE and (asked.slug == "refuse_over" or not asked.rest):
        code = parse.other_code(quoted)
        named = parse.bare(parse.normal(line))
        return _read(f"{code} {named}") if code.startswith(_BESIDE_CODE[asked.slug]) else asked
    if asked is not None and (asked.code or not asked.named or parse.names_one(asked.rest)):
        return asked
    meant = parse.about_quoted(line, quoted, actions.words())
    if asked is None and meant is None and (code := parse.other_code(quoted)):
        return _read(f"{code} {parse.bare(parse.normal(line))}")
    if meant is None or (asked is not None and (meant.slug == "order" or _is_step(meant.rest))):
        return asked
    return meant


def _is_step(words: str) -> bool:
    """审核, 配货, 发货, 查: of the order, whatever card was quoted."""
    verb = parse.case_verb(words, actions.words())
    return verb is not None and verb.action in ("approve", "pick", "ship_ask", "refresh")


def _may_answer(text: str, asked: parse.Asked | None) -> bool:
    """Whether a line can be the answer to a question: it is no command, or one only for want of better (a number, a
    form that begins with 收件人：, 补发 without an order)."""
    if asked is None or ((":" in text or "：" in text) and begins_with_label(text)):
        return True
    if asked.slug in ("reship", "exchange"):
        named = parse.leading(asked.rest)
        return named is None or named[0].kind in ("name", "phone")
    return asked.slug == "find" and not asked.named


def _guessed(desk: Desk, line: str) -> parse.Asked:
    """The question that a line most likely is; a name alone where somebody of that name has ordered. Raises
    Refusal."""
    asked = understanding.guess(line, names(), COMMANDS)
    if asked is not None:
        return asked
    wish = parse.normal(line)
    named = parse.reference(wish)
    if named is not None and named[0].kind == "name" and not named[1] and find_orders.find(desk, named[0]):
        return parse.Asked("find", wish, guess=f"查 {wish}")
    raise Refusal(understanding.suggestion(line, names(), COMMANDS))
