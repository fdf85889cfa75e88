"""周报: how much people were disturbed in a week, and how well they could answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.manners import weekly
from handlers.permissions import Permit
from handlers.views import TextView, View
from handlers.wording import day_of
from models import Role

_LAST: Final = ("", "上周")
_THIS: Final = ("本周", "这周")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words, today = request.rest.strip(), day_of(desk.now)
    monday = today - timedelta(days=today.weekday())
    if words in _LAST:
        return TextView(weekly.told(desk, weekly.week(desk, monday - timedelta(days=7), monday - timedelta(days=1))))
    if words in _THIS:
        return TextView(weekly.told(desk, weekly.week(desk, monday, today)))
    raise Refusal(f"「{words[:20]}」看不懂。请发：周报（上周），或 周报 本周")


COMMAND = Command(
    ("周报", "提醒周报"),
    "周报 [本周]",
    "每人每天收到多少提醒、多久认领、多少没用；每周一 09:30 也会发给主管",
    run,
    Permit("周报", frozenset({Role.SUPERVISOR})),
    asks=True,
    group=Group.ASK,
    example="周报",
    brief="提醒统计",
)
