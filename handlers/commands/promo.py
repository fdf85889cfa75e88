"""大促: longer limits and fewer messages for the length of a campaign."""

from __future__ import annotations

import re
from typing import Final

from handlers import permissions
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import duty, periods
from handlers.permissions import Permit
from handlers.tuning import promos
from handlers.tuning.tuned import campaigns
from handlers.views import TextView, View

_HOW: Final = "请发：大促 11-11 00:00 至 11-12 02:00，要别的倍数就在后面写 ×3"
_OFF: Final = ("关", "关闭", "结束", "取消", "停止")
_FACTOR: Final = re.compile(r"[×xX*]\s*(\d{1,3})|(\d{1,3})\s*倍")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(" ,，。:：")
    if not rest:
        return TextView(_now(desk))
    permissions.check(desk, promos.SET, actor)
    if rest in _OFF:
        return TextView(f"大促已关（{promos.shown(promos.stop(desk, actor))}），恢复平时的时限和提醒")
    found = _FACTOR.search(rest)
    factor = int(found[1] or found[2]) if found else promos.FACTOR
    period, more = _period(desk, rest.replace(found[0], "") if found else rest)
    if more:
        raise Refusal(f"「{more[:20]}」看不懂。{_HOW}")
    made = promos.plan(desk, actor, period, factor)
    return TextView(f"大促已安排：{promos.shown(made)}；期间不急的事只在 9 点和 14 点汇总，到点自动恢复。{_hint(desk)}")


def _period(desk: Desk, words: str) -> tuple[periods.Period, str]:
    try:
        return periods.read(words, desk.now)
    except Refusal as refusal:
        raise Refusal(str(refusal).replace("哪天请假", "大促的时间").replace(periods.HOW, _HOW)) from None


def _now(desk: Desk) -> str:
    found = [promos.shown(one) for one in campaigns(desk)]
    return f"大促：{found[0]}。要结束请发：大促 关" if found else f"现在没有大促。{_HOW}"


def _hint(desk: Desk) -> str:
    """The night of a campaign needs somebody who is there."""
    return "" if duty.roster(desk).hours else "还没有排班，夜里急事只会找主管，请发：值班 小李 18:00-02:00"


COMMAND = Command(
    ("大促", "大促模式"),
    "大促 [从 至 到]",
    "大促期间放宽停留时限、不急的事汇总提醒；到点自动结束（主管）",
    run,
    Permit("大促"),
    group=Group.STEER,
    example="大促 11-11 00:00 至 11-12 02:00",
    brief="放宽时限",
    more=(
        "停留时限默认放宽到 2 倍，后面写 ×3 就是 3 倍",
        "大促 看现在的安排；大促 关 提前结束",
        "结束时在群里说一次结果",
    ),
    changes=promos.SET,
    looking=Looking("大促", "看现在有没有大促、到什么时候", "大促"),
)
