"""Until when, as people say it: 2h, 半小时, 3天, 14:30, 明天10点, 今晚8点, 下午3点, 12-25 9:00, 12月25日10点."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from handlers.desk import Refusal
from handlers.parse import day_in
from handlers.parse.spoken import figures
from handlers.wording import day_of
from models.beijing import day_start

HOW: Final = "请写 2h、30分钟、14:30 或 明天10点"
_BEGINS: Final = 9 * 60
"""The minute of a day that is named without an hour."""

_FOR: Final = re.compile(
    r"\+?(\d{1,3}|半|[一两二三四])\s*(个?小时|个?钟头?|h|分钟?|min|m|天)(?:之?内|以?后)?", re.IGNORECASE
)
_NUMBERS: Final = {"半": 0.5, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4}
_DAY: Final = re.compile(
    r"(今天|明天|大后天|后天|下?(?:周|星期|礼拜)[一二三四五六日天]"
    r"|(?:20\d\d\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}(?:\s*[日号]|(?![:：点\d]))|\d{1,2}\s*[日号])\s*"
)
_SHORT: Final = re.compile(r"^([今明])([早晚])上?")  # 今晚 is 今天晚上
_SPOKEN: Final = re.compile(r"[零一二两三四五六七八九十]{1,3}(?=点)")
_HOUR: Final = re.compile(r"(凌晨|早上?|上午|中午|下午|晚上?)?\s*(?:(\d{1,2})(?:[:：](\d{2})|点(半|\d{1,2}分?)?))?")
_HALF_DAY: Final = {
    "凌晨": 6 * 60,
    "早": 9 * 60,
    "早上": 9 * 60,
    "晚": 19 * 60,
    "上午": 10 * 60,
    "中午": 12 * 60,
    "下午": 14 * 60,
    "晚上": 19 * 60,
}
_NIGHT: Final = 5
"""The first hour that belongs to an evening: 晚上4点 is of the night after it."""
_POLITE: Final = " ,，.。!！吧了啊哦哈呢到至"


def moment_in(said: str, now: datetime) -> datetime | None:
    """None where nothing is said. Raises Refusal for what is no moment, or is over."""
    words = said.strip(_POLITE)
    if not words:
        return None
    at = _after(words, now) or _at(words, now)
    if at is None:
        raise Refusal(f"「{words[:20]}」不是时间，{HOW}")
    if at <= now:
        raise Refusal(f"「{words[:20]}」已经过了，{HOW}")
    return at


def _after(words: str, now: datetime) -> datetime | None:
    found = _FOR.fullmatch(words)
    if found is None:
        return None
    number = _NUMBERS.get(found[1]) or float(found[1])
    unit = found[2].lower()
    minutes = 24 * 60 if unit == "天" else 1 if unit.startswith(("分", "m")) else 60
    return now + timedelta(minutes=number * minutes)


def _at(words: str, now: datetime) -> datetime | None:
    words = _SPOKEN.sub(lambda found: figures(found[0]), _SHORT.sub(r"\1天\2上", words))
    named = _DAY.match(words)
    day = day_in(named[1].strip(), day_of(now)) if named else day_of(now)
    hour = _HOUR.fullmatch(words[named.end() :] if named else words)
    if day is None or hour is None or not (named or hour[0]):
        return None
    minutes = _minutes(hour)
    return day_start(day) + timedelta(minutes=minutes) if minutes is not None else None


def _minutes(hour: re.Match[str]) -> int | None:
    """Of the day; 下午3点 is 15:00, 晚上12点 the end of the day, 晚上1点 an hour later."""
    half, said, colon, behind = hour.groups()
    if said is None:
        return _HALF_DAY[half] if half else _BEGINS
    past = 30 if behind == "半" else int((colon or behind or "0").rstrip("分"))
    hours = _hours(half or "", int(said))
    return hours * 60 + past if int(said) <= 24 and past < 60 else None


def _hours(half: str, said: int) -> int:
    if half.startswith("晚"):
        return said + 24 if said < _NIGHT else said + 12 if said <= 12 else said
    return said + 12 if (half == "下午" and said < 12) or (half == "中午" and said < _NIGHT) else said
