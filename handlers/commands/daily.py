"""日报: how a day went."""

from __future__ import annotations

from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.completeness.past_days import past_day
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import without_chatter
from handlers.permissions import Permit
from handlers.reports.daily import daily
from handlers.views import View
from handlers.wording import day_of
from models import Role

_HOW: Final = "请发：日报，或 日报 昨天、日报 12-21"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words, today = request.rest.strip(), day_of(desk.now)
    bare = without_chatter(words)  # 昨天的, and 今天发一下 which narrows nothing
    day = (past_day(words, today) or past_day(bare, today)) if bare else past_day(words, today) or today
    if day is None:
        raise Refusal(f"「{words[:20]}」看不懂。{_HOW}")
    if day > today:
        raise Refusal(f"{day:%m-%d} 还没有到。{_HOW}")
    return daily(desk, day)


COMMAND = Command(
    ("日报", "今日汇总", "日总结"),
    "日报 [日期]",
    "一天里进了多少、发了多少、异常和各人做了多少",
    run,
    Permit("日报", frozenset({Role.SUPERVISOR})),
    asks=True,
    group=Group.ASK,
    example="日报 昨天",
    brief="一天的账",
    more=(
        "新增按平台下单的日子算，发出按完成的时间算",
        "审核响应：订单到了多久有人审核（中位数）；异常处理：从发现到人处理完（中位数）",
    ),
)
