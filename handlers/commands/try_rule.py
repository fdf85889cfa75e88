"""预演: what a rule, or another condition for it, would do over the last days; nothing is opened."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.parse import as_typed
from handlers.rulebook import changing, dry_run, wish
from handlers.rulebook.store import Wish
from handlers.views import TextView, View
from handlers.wording import day_of

_DAYS: Final = re.compile(r"(?:^|[\s,，;；]|(?<=\d ))(?:近|最近|过去)?\s*(\d{1,3})\s*天\s*$")
_NUMBER: Final = re.compile(r"(?:规则)?#?(\d{1,9})(?:[\s:：,，]+(.*))?", re.DOTALL)
_LATELY: Final = timedelta(hours=1)


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = request.rest.strip()
    if not words:
        return TextView(dry_run.progress(desk, actor, desk.now - _LATELY), private=True)
    found = _DAYS.search(words)
    days = int(found[1]) if found else dry_run.DAYS
    words = words[: found.start()].strip(" ,，;；") if found else words
    typed = as_typed(request.incoming.text, request.rest.strip())[: len(words)]  # as long as what it became
    named = _NUMBER.fullmatch(words)
    if named is None:
        wishes = wish.read(typed, day_of(desk.now))
        return TextView(dry_run.ask(desk, actor, Wish(**{"title": "新规则", "condition": "", **wishes}), days=days))
    rule_id = int(named[1])
    tried = dry_run.wish_of(desk, rule_id)
    if named[2]:
        tried = replace(tried, **wish.read(as_typed(typed, named[2]), day_of(desk.now)))
    return TextView(dry_run.ask(desk, actor, tried, rule_id=rule_id, days=days))


COMMAND = Command(
    ("预演", "试算"),
    "预演 3 [14天] / 预演 条件",
    "规则启用后会多几件、少几件、是哪些单，不会真开异常",
    run,
    changing.SET,
    asks=True,
    group=Group.STEER,
    example="预演 3 14天",
    brief="规则试算",
    more=(
        "预演 金额 > 1000 试一个还没存的条件；预演 3 金额 > 2000 拿新条件和规则 3 现在的样子比",
        "默认看近 7 天，最多 30 天；单子多时在后台算，算完私聊发结果，发「预演」看进度",
    ),
)
