"""补拉: read a period of a shop again; alone, how far those are that run."""

from __future__ import annotations

from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.completeness import backfill, which_shop
from handlers.completeness.backfill import Period
from handlers.completeness.past_days import BETWEEN, past_day
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit
from handlers.views import TextView, View
from handlers.wording import day_of
from models import Role

_HOW: Final = "请发：补拉 店铺 起 止，例如：补拉 tb 12-01 12-03，或：补拉 tb 昨天"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = [word for word in BETWEEN.split(request.rest) if word]
    if not words:
        return _progress(desk)
    shop_words, period = _read(desk, words)
    shop = which_shop.which(desk, shop_words)
    backfill_id, new = backfill.ask(desk, shop, period, actor)
    if not new:
        line = next((backfill.line(row) for row in backfill.latest(desk) if row.id == backfill_id), "")
        return TextView(f"这段时间已经在补拉了，完成后会通知发起人。\n{line}".strip())
    return TextView(
        f"已开始补拉：{shop.name} {period.text}，共 {period.days} 天，不影响日常同步。"
        "发「补拉」看进度，完成后会告诉您结果。"
    )


def _read(desk: Desk, words: list[str]) -> tuple[str, Period]:
    """The shop's words, and the period at the end: one day or two. Raises Refusal."""
    today = day_of(desk.now)
    days = [past_day(word, today) for word in words[-2:]]
    if len(words) > 1 and days[-1] is not None:
        first, count = (days[0], 2) if len(words) > 2 and days[0] is not None else (days[-1], 1)
        return " ".join(words[:-count]), Period(first, days[-1])
    raise Refusal(f"没有看懂日期。{_HOW}")


def _progress(desk: Desk) -> TextView:
    lines = [backfill.line(row) for row in backfill.latest(desk)]
    return TextView("\n".join([f"{_HOW}。", *(lines or ["还没有补拉过"])]))


COMMAND = Command(
    ("补拉", "补抓"),
    "补拉 店铺 起 止",
    "重新读取一段时间的订单，补回漏掉的",
    run,
    Permit("补拉", frozenset({Role.SUPERVISOR})),
    group=Group.STEER,
    example="补拉 tb 12-01 12-03",
    brief="重读订单",
    more=(
        "只发「补拉」看进度",
        "只补一天：补拉 tb 昨天",
    ),
)
