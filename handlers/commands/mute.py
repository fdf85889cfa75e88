"""静音: somebody does not want to hear of a kind of matter for a while."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import kind_of
from handlers.manners import mute
from handlers.permissions import Permit
from handlers.views import TextView, View
from handlers.wording import day_of, moment
from models.beijing import day_start

_HOW: Final = "请发：静音 地址模糊 2h，或 静音 地址模糊 今天、静音 地址模糊 到 18:00"
_END: Final = ("取消", "解除", "关闭", "恢复")
_LONGEST: Final = timedelta(days=7)
_LENGTH: Final = re.compile(r"(\d{1,4}|半)\s*(天|个?小时|个?钟头?|h|分钟?|min|m)", re.IGNORECASE)
_UNTIL: Final = re.compile(r"(?:到|至)?\s*(明天)?\s*(\d{1,2})(?:[:：](\d{2})|点(半)?)")
_WORDS: Final = {"今天": 1, "今日": 1, "明天": 2}


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(" ,，。:：")
    if not rest:
        return TextView(_listed(desk, actor))
    word = next((word for word in _END if rest.startswith(word)), "")
    kind, words = _kind(rest[len(word) :].strip())
    title = kind_of(kind).title
    if word:
        if not mute.unmute(desk, actor, kind):
            raise Refusal(f"「{title}」没有静音")
        return TextView(f"已取消静音「{title}」，有新的会提醒您")
    until = _until(words, desk.now)
    overdue = mute.mute(desk, actor, kind, until)
    late = f"您手上有 {overdue} 件已经逾期，请先处理。" if overdue else ""
    return TextView(f"「{title}」对您静音到 {moment(until)}。{mute.EXCEPT}。{late}取消请发：静音 取消 {title}")


def _listed(desk: Desk, actor: Actor) -> str:
    found = mute.mine(desk, actor)
    if not found:
        return f"您没有静音任何类型。{_HOW}"
    lines = [f"- {kind_of(one.kind).title}：到 {moment(one.until)}" for one in found]
    return "\n".join(
        ["**您静音的类型**", *lines, f"> {mute.EXCEPT}；取消请发：静音 取消 {kind_of(found[0].kind).title}"]
    )


def _kind(words: str) -> tuple[str, str]:
    found = mute.kind_titled(words)
    if found is not None:
        return found
    known = "、".join(dict.fromkeys(kind_of(slug).title for slug in mute.KINDS))
    raise Refusal(f"没有「{words[:12]}」这种类型，可以是：{known}" if words else _HOW)


def _until(words: str, now: datetime) -> datetime:
    """Raises Refusal for what is no time, is over, or lies more than a week ahead."""
    until = _moment(words, now)
    if until is None:
        raise Refusal(f"「{words[:20]}」看不懂。{_HOW}" if words else f"静音多久？{_HOW}")
    if until <= now:
        raise Refusal(f"{moment(until)} 已经过去了，请写以后的时间")
    if until - now > _LONGEST:
        raise Refusal("一次最长静音 7 天，请写短一些")
    return until


def _moment(words: str, now: datetime) -> datetime | None:
    if words in _WORDS:
        return day_start(day_of(now) + timedelta(days=_WORDS[words]))
    if found := _LENGTH.fullmatch(words):
        unit = found[2].lower()
        minutes = 1440 if unit == "天" else 1 if unit[0] in "分m" else 60
        return now + timedelta(minutes=minutes // 2 if found[1] == "半" else int(found[1]) * minutes)
    found = _UNTIL.fullmatch(words)
    if found is None or int(found[2]) > 24 or int(found[3] or 0) > 59:
        return None
    day = day_of(now) + timedelta(days=1 if found[1] else 0)
    return day_start(day) + timedelta(hours=int(found[2]), minutes=30 if found[4] else int(found[3] or 0))


COMMAND = Command(
    ("静音", "免提醒"),
    "静音 [类型 多久]",
    "某一类异常暂时不提醒我，自己逾期的仍会提醒",
    run,
    Permit("静音"),
    group=Group.STEER,
    example="静音 地址模糊 2h",
    brief="先别提醒",
    more=("时间可以写 2h、今天、到 18:00；只对自己有效", "静音 看有哪些；静音 取消 地址模糊 恢复提醒", mute.EXCEPT),
)
