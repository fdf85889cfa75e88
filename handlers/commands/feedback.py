"""反馈: whether the bot's answers were of use, by command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import without_chatter
from handlers.permissions import Permit
from handlers.reports import feedback
from handlers.views import TextView, View
from models import Role

_SPANS: Final = {"": (7, 30), "7": (7,), "7天": (7,), "30": (30,), "30天": (30,)}
_SHOWN: Final = 10
_OTHERS: Final = "其他的话"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    spans = _SPANS.get(without_chatter(request.rest.replace(" ", "")).removeprefix("近"))
    if spans is None:
        raise Refusal(f"「{request.rest.strip()[:20]}」看不懂。请发：反馈，或 反馈 7天、反馈 30天")
    parts = [_span(days, feedback.counts(desk, days)) for days in spans]
    return TextView("\n".join(parts))


def _span(days: int, found: Mapping[str, Counter[str]]) -> str:
    whole: Counter[str] = sum(found.values(), Counter())
    if not whole:
        return f"**最近 {days} 天**：还没有人点过有用、没用（在企业微信机器人的回答下面点）"
    back = f"，收回 {whole[feedback.WITHDRAWN]}" if whole[feedback.WITHDRAWN] else ""
    lines = [f"**最近 {days} 天**：有用 {whole[feedback.USEFUL]}，没用 {whole[feedback.USELESS]}{back}"]
    worst = sorted(found.items(), key=lambda one: (-one[1][feedback.USELESS], -one[1][feedback.USEFUL], one[0]))
    for name, said in worst[:_SHOWN]:
        lines.append(f"- {name or _OTHERS}：有用 {said[feedback.USEFUL]}，没用 {said[feedback.USELESS]}")
    if len(worst) > _SHOWN:
        lines.append(f"还有 {len(worst) - _SHOWN} 种没有列出")
    return "\n".join(lines)


COMMAND = Command(
    ("反馈", "反馈统计"),
    "反馈 [7天/30天]",
    "机器人的回答有没有用：最近 7 天和 30 天，按命令数",
    run,
    Permit("反馈", frozenset({Role.SUPERVISOR})),
    asks=True,
    group=Group.ASK,
    example="反馈 7天",
    brief="好不好用",
    more=("在企业微信机器人的回答下面点有用、没用，就会算进来；没用多的在前",),
)
