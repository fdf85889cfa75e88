"""为什么 TB-20251222-001: which rules looked at an order, and what each said; with 规则3, that one rule in detail."""

from __future__ import annotations

import re
from typing import Final

from handlers import find
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.rulebook import why
from handlers.views import TextView, View
from models import Role

_RULE: Final = re.compile(r"规则 ?(\d{1,9})")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    named = _RULE.search(request.rest)
    order_id = find.one(desk, find.one_in(desk, _RULE.sub("", request.rest).strip(), "看")[0])
    if named is not None:
        return TextView(why.why_not(desk, order_id, int(named[1])))
    return TextView(why.why(desk, order_id, actor))


COMMAND = Command(
    ("为什么", "为啥", "凭什么"),
    "为什么 编号 [规则3]",
    "哪些规则看过这个订单、各说了什么",
    run,
    Permit("为什么", frozenset({Role.SERVICE})),
    about_order=True,
    asks=True,
    group=Group.ASK,
    example="为什么 JD-20251222-001",
    brief="规则怎么看",
    more=("命中的在前，不能确定的其次，其余一行带过", "后面加 规则3，逐条看自己的规则为什么命中或没命中"),
)
