"""How people ask for later shipping, and which day they mean. A day is told only where the words name one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from models.narrow import NARROW

_DIGITS: Final = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER: Final = r"(\d{1,2}|[一二两三四五六七八九十]{1,3})"
_SEND: Final = r"(?:再|才|开始|给我|帮我|安排|统一)*\s*(?:发(?![的票错])|寄(?!的)|送货|配送|出货)"
_AFTER: Final = r"(?:以后|之后|过后|后|起)"
_WEEKDAY: Final = "一二三四五六日天"
_URGENT: Final = re.compile(r"尽快|加急|赶紧|马上|立刻|越快越好|急用|今天(?:就)?发")


@dataclass(frozen=True, slots=True)
class Wish:
    """`phrase` is what was said, `day` the earliest day to ship, None where the words name none."""

    phrase: str
    day: date | None
    relative: bool = False  # counted from the day on which it was said


Reader = Callable[[re.Match[str], date], date | None]


def number(text: str) -> int:
    """12, 十二, 两 → an integer; 0 where it is none."""
    if text.isdigit():
        return int(text)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return _DIGITS.get(text, 0)
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _days_on(found: re.Match[str], said: date) -> date | None:
    days = number(found.group(1))
    return said + timedelta(days=days) if 0 < days <= 60 else None


def _weeks_on(found: re.Match[str], said: date) -> date | None:
    return said + timedelta(weeks=number(found.group(1)) or 1)


def _named_day(found: re.Match[str], said: date) -> date | None:
    return said + timedelta(days={"明": 1, "后": 2, "大后": 3}[found.group(1)])


def _weekday(found: re.Match[str], said: date) -> date | None:
    day = min(_WEEKDAY.index(found.group(2)), 6)
    monday = said - timedelta(days=said.weekday())
    if found.group(1):
        return monday + timedelta(weeks=len(found.group(1)), days=day)
    coming = monday + timedelta(days=day)
    return coming if coming > said else coming + timedelta(weeks=1)


def _day_of_month(found: re.Match[str], said: date) -> date | None:
    return _next(said, None, number(found.group(1)))


def _month_and_day(found: re.Match[str], said: date) -> date | None:
    return _next(said, number(found.group(1)), number(found.group(2)))


def _next(said: date, month: int | None, day: int) -> date | None:
    """The first such day that is not before `said`; None where the calendar has none within a year."""
    for ahead in range(13):
        number_of_months = said.month - 1 + ahead
        try:
            found = date(said.year + number_of_months // 12, number_of_months % 12 + 1, day)
        except ValueError:
            continue
        if found >= said and (month is None or found.month == month):
            return found
    return None


def _no_day(_found: re.Match[str], _said: date) -> date | None:
    return None


# The first that matches tells the day; (pattern, how to read it, counted from the day on which it was said).
_PATTERNS: Final[tuple[tuple[re.Pattern[str], Reader, bool], ...]] = tuple(
    (re.compile(pattern), reader, relative)
    for pattern, reader, relative in (
        (rf"{_NUMBER}\s*[-~到至]\s*{_NUMBER}\s*天\s*{_AFTER}\s*{_SEND}", _no_day, False),
        (rf"{_NUMBER}\s*月\s*{_NUMBER}\s*[号日]?\s*(?:{_AFTER}|{_SEND})", _month_and_day, False),
        (rf"(?<![\d.])(\d{{1,2}})[./](\d{{1,2}})\s*[号日]?\s*(?:{_AFTER}|{_SEND})", _month_and_day, False),
        (rf"(?<![\d月]){_NUMBER}\s*[号日]\s*(?:{_AFTER}|{_SEND})", _day_of_month, False),
        (rf"(?:晚|推迟|延迟|延后|过|缓)\s*{_NUMBER}\s*天", _days_on, True),
        (rf"{_NUMBER}\s*天\s*{_AFTER}\s*{_SEND}", _days_on, True),
        (rf"{_NUMBER}\s*(?:周|个?星期|个?礼拜)\s*{_AFTER}\s*{_SEND}", _weeks_on, True),
        (rf"(大后|后|明)天\s*(?:{_AFTER})?\s*{_SEND}", _named_day, True),
        (rf"(下{{0,2}})(?:周|星期|礼拜)([{_WEEKDAY}])\s*(?:{_AFTER})?\s*{_SEND}", _weekday, True),
        (rf"(下{{1,2}})(?:周|星期|礼拜)([{_WEEKDAY}])\s*{_AFTER}", _weekday, True),
        (
            rf"(?:[下这本]个?月|月底|月初|月中|下周|过几天|晚几天|年后|节后|春节后|元旦后|国庆后)\s*(?:{_AFTER})?\s*{_SEND}",
            _no_day,
            False,
        ),
        (r"(?:先|暂时?|暂且)\s*(?:都)?\s*(?:不要|不用|别|不|勿)\s*(?:给我|急着)?\s*(?:发|寄)", _no_day, False),
        (r"等\s*(?:我|客户|买家)?\s*(?:的)?\s*(?:通知|电话|消息)", _no_day, False),
        (
            r"(?<!不要)(?<!别)(?<!不能)(?<!不可)(?:暂缓|推迟|延迟|延后|晚点|晚些|晚几天)\s*(?:发|寄|送|配)",
            _no_day,
            False,
        ),
        (r"(?<!不要)(?<!别)(?<!不能)(?<!不可)(?:暂缓|推迟)(?!了)", _no_day, False),
        (r"(?:请?不要|别|勿)\s*发货|请?勿发(?![顺圆中申韵邮京极德])", _no_day, False),
    )
)


def wish_in(text: str, said: date) -> Wish | None:
    """The wish for later shipping in a text written on the day `said`; None where there is none."""
    if not text:
        return None  # most orders
    plain = text.translate(NARROW)
    for pattern, reader, relative in _PATTERNS:
        found = pattern.search(plain)
        if found:
            return Wish(found.group().strip(), reader(found, said), relative)
    return None


def is_urgent(text: str) -> bool:
    return _URGENT.search(text) is not None
