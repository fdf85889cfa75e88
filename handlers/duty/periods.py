"""Days and hours of an absence as people write them, and as they are said again: 12-25 至 12-26, 明天下午, 今天 3天."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from handlers.desk import Refusal
from handlers.parse import day_in
from handlers.wording import day_of
from models.beijing import BEIJING, day_start

HOW: Final = "请发：请假 12-25 至 12-26 原因"
LONGEST: Final = timedelta(days=366)
_YEAR: Final = timedelta(days=366)
_FAR: Final = timedelta(days=183)

_WORDS: Final = {"今天": 0, "今日": 0, "明天": 1, "明日": 1, "大后天": 3, "后天": 2}
_DAY: Final = re.compile(
    rf"({'|'.join(sorted(_WORDS, key=len, reverse=True))}"
    r"|(?:20\d\d\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?|\d{1,2}\s*[日号])(?![:：点\d])"
)
_WITH_YEAR: Final = re.compile(r"20\d\d\s*[-/.年]")
_TIME: Final = re.compile(r"(\d{1,2})(?:[:：](\d{2})|点(半)?(\d{2})?分?)(?!\d)")
_HALF: Final = re.compile(r"上午|下午|晚上|全天")
_HALVES: Final = {"上午": (0, 12 * 60), "下午": (12 * 60, 24 * 60), "晚上": (18 * 60, 24 * 60), "全天": (0, 24 * 60)}
_TO: Final = re.compile(r"至|到|~|～|—+|–|－|-")
_DAYS: Final = re.compile(r"(\d{1,3}|[一两二三四五六七八九十])\s*天")
_NUMBERS: Final = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2}
_BETWEEN: Final = " \t\n,，、;；:：。从"


@dataclass(frozen=True, slots=True)
class Period:
    starts_at: datetime
    ends_at: datetime

    @property
    def shown(self) -> str:
        return shown(self.starts_at, self.ends_at)


def shown(starts_at: datetime, ends_at: datetime) -> str:
    """12-25, 12-25 至 12-26, 12-25 14:00 至 18:00."""
    start, end = starts_at.astimezone(BEIJING), ends_at.astimezone(BEIJING)
    if start == _midnight(start) and end == _midnight(end):
        last = end - timedelta(days=1)
        return f"{start:%m-%d}" if last.date() == start.date() else f"{start:%m-%d} 至 {last:%m-%d}"
    same = end.date() == start.date()
    return f"{start:%m-%d %H:%M} 至 {end:%H:%M}" if same else f"{start:%m-%d %H:%M} 至 {end:%m-%d %H:%M}"


def read(words: str, now: datetime) -> tuple[Period, str]:
    """The period at the beginning of `words`, and what stands behind it. Raises Refusal where there is none, or one
    that is over, runs backwards, or lasts longer than a year."""
    words = words.strip(_BETWEEN)
    period, rest = _nearest(words, now)
    if period.ends_at <= period.starts_at:
        raise Refusal(f"结束在开始前面了。{HOW}")
    if period.ends_at <= now:
        year = period.starts_at.astimezone(BEIJING).year
        raise Refusal(f"{year}-{period.shown} 已经过去了，请写以后的时间")
    if period.ends_at - period.starts_at > LONGEST:
        raise Refusal("请假最长一年，请核对日期")
    return period, rest


def _nearest(words: str, now: datetime) -> tuple[Period, str]:
    """Without a year: the one that lasts now, else the next; but one that is over is not taken for next year's. Raises
    Refusal."""
    if _WITH_YEAR.match(words):
        return _since(words, now, date.min)
    found, rest = _since(words, now, day_of(now))
    before, _ = _since(words, now, day_of(found.starts_at) - _YEAR)
    if before.starts_at <= now < before.ends_at:
        return before, rest
    first, today = found.starts_at.astimezone(BEIJING), day_of(now)
    if first.year > today.year and found.starts_at - now > _FAR:
        over = f"{first:%m-%d} 今年的（{before.starts_at.astimezone(BEIJING):%Y-%m-%d}）已经过去了，没有安排"
        raise Refusal(f"{over}。要明年的请写全：{first:%Y-%m-%d}")
    return found, rest


def _since(words: str, now: datetime, earliest: date) -> tuple[Period, str]:
    """The first such period that begins on `earliest` or later, whether it is over or not."""
    reader = _Reader(words, now)
    first = reader.day(earliest)
    if first is None:
        raise Refusal(f"没有看懂哪天请假。{HOW}")
    return _period(reader, first), reader.rest.strip(_BETWEEN)


@dataclass
class _Reader:
    """Takes one piece after the other from the beginning of `rest`."""

    rest: str
    now: datetime

    def day(self, earliest: date | None = None) -> date | None:
        found = _DAY.match(self.rest)
        if found is None:
            return None
        today = day_of(self.now)
        word = found[0].strip()
        day = today + timedelta(days=_WORDS[word]) if word in _WORDS else day_in(word, earliest or today)
        if day is not None:
            self._past(found)
        return day

    def minutes(self) -> int | None:
        found = _TIME.match(self.rest)
        if found is None:
            return None
        minutes = int(found[1]) * 60 + (30 if found[3] else int(found[2] or found[4] or 0))
        if minutes > 24 * 60 or int(found[2] or found[4] or 0) > 59:
            raise Refusal(f"「{found[0]}」不是几点几分，请核对")
        self._past(found)
        return minutes

    def half(self) -> tuple[int, int] | None:
        found = self._take(_HALF)
        return _HALVES[found[0]] if found else None

    def days(self) -> int | None:
        found = self._take(_DAYS)
        return (_NUMBERS.get(found[1]) or int(found[1])) if found else None

    def to(self) -> bool:
        return self._take(_TO) is not None

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.rest)
        if found is not None:
            self._past(found)
        return found

    def _past(self, found: re.Match[str]) -> None:
        self.rest = self.rest[found.end() :].lstrip(_BETWEEN)


def _period(reader: _Reader, first: date) -> Period:
    half = reader.half()
    if half is not None:
        return Period(_at(first, half[0]), _at(first, half[1]))
    start = reader.minutes()
    count = reader.days() if start is None else None
    if count is not None:
        return Period(_at(first, 0), _at(first + timedelta(days=max(count, 1)), 0))
    linked = reader.to()
    last = reader.day(first)
    end = reader.minutes() if linked or last is not None else None
    if linked and last is None and end is None:
        raise Refusal(f"没有看懂到哪天。{HOW}")
    ends_on = last or first
    ends_at = _at(ends_on, end) if end is not None else _at(ends_on + timedelta(days=1), 0)
    return Period(_at(first, start or 0), ends_at)


def _at(day: date, minutes: int) -> datetime:
    return day_start(day) + timedelta(minutes=minutes)


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def begins_with_day(words: str) -> bool:
    return _DAY.match(words.strip(_BETWEEN)) is not None
