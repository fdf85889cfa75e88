"""A day, and what stands directly behind it: to send, to be away, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rules import delay_phrases as said_words
from texts.days import Named

_SENT: Final = re.compile(
    rf"(?:我|你们?|请|给我|帮我|统一|才|安排|务必|可以|就|开始|的话)*\s*{said_words.SEND}(?:货|件|出|走|快递|吧)*"
)
_EVERY_WEEK: Final = re.compile(r"送货|派送|派件|配送|送$")


@dataclass(frozen=True, slots=True)
class Reading:
    """`from_day`: the earliest day that these words mean; `stop`: they are read, and ask for nothing."""

    start: int
    end: int
    from_day: date | None
    stop: bool = False


def on_it(words: str, day: Named, end: int) -> Reading | None:
    """12.30发, 下周一发货: a wish for that day, unless it is asked, said of the past, or a deadline."""
    if day.kind == "near" and words[day.start] in "今当":
        return None
    received = re.compile(rf"再?{said_words.RECEIVE}").match(words, end)
    if received and said_words.EARLY.search(words):
        return Reading(day.start, received.end(), day.first)
    then = _SENT.match(words, end)
    if then is None:
        return None
    stop = _at_the_door(words, day, then) or _said_or_asked(words, day, then)
    passed = day.kind == "feast" and re.search(r"过[完了]$", words[: day.start])
    return Reading(day.start, then.end(), None if stop else day.then if passed else day.first, stop)


def _at_the_door(words: str, day: Named, then: re.Match[str]) -> bool:
    """周末送货, 周三送公司: when the courier shall come, and not when the parcel shall leave."""
    if then[0].endswith("送") and re.match(r"(?:到|去)?(?:家|公司|单位|学校|店)", words[then.end() :]):
        return True
    every_week = day.kind in ("week", "workday") or "末" in words[day.start : day.end]
    return every_week and _EVERY_WEEK.search(then[0]) is not None and words[day.start] not in "下"


def _said_or_asked(words: str, day: Named, then: re.Match[str]) -> bool:
    """25号发的, 明天发吗, 最晚25号发."""
    tail, before, rest = words[then.start() :], words[: day.start], words[then.end() :]
    if said_words.PAST.match(tail) or said_words.PAST.match(rest) or re.match(r"了|的|没|给你|不", rest):
        return True
    near = day.kind == "near"
    polite = said_words.ASKED_POLITELY.search(before) or re.match("就好|就行|即可|就可以", rest)
    asked = re.match(r"[^。;]{0,6}(?:吗|么|嘛|\?|能|没|不$|是吧)", rest)
    if asked and (near or not (polite or said_words.AGREED.match(rest))):
        return True
    if re.match(r"能(?!再|才)|会|得|要能|必须|应该", tail):
        return True
    if said_words.DEADLINE_BEFORE.search(before) and (near or not polite):
        return True
    return near and re.search(r"尽量|争取|必须|一定|务必|赶|希望|想|能|可以", before[-6:]) is not None


def away_then(words: str, day: Named, end: int) -> Reading | None:
    """5号到8号不在家: from the day after. 下周五之后不在家 has been read before, and is none."""
    away = re.compile(rf"(?:这段时间|期间|都|我|人|家里)*{said_words.AWAY}").match(words, end)
    if away is None or day.last is None or re.match(r"[^,。;]{0,4}(?:吗|么|嘛|\?|要?用|要带)", words[away.end() :]):
        return None
    if re.match(
        r"[^。;]{0,3}(?:[,]?(?:请|就|可以|麻烦)?(?:放|送到?驿站|打|电话|周末送|存|其[他它]时间|平时))",
        words[away.end() :],
    ):
        return Reading(day.start, away.end(), None, stop=True)
    if day.kind == "workday" or re.match(r"(?:周|星期|礼拜)[一二三四五1-5](?:到|至|-|~)", words[day.start :]):
        return Reading(day.start, away.end(), None, stop=True)
    return Reading(day.start, away.end(), day.then if day.kind == "feast" else day.last + timedelta(days=1))


def alone(words: str, day: Named, end: int) -> Reading | None:
    """下周三, or 月底, and nothing else but a please."""
    if day.kind in ("number", "workday") or (day.kind == "near" and words[day.start] in "今当"):
        return None
    if said_words.POLITE.sub("", words[: day.start] + words[end:]):
        return None
    if re.search(r"[?吗]", words[end:]) and not re.search(r"[行好可]", words[end:]):
        return None
    over = day.kind == "feast" and re.search(r"后|完|过了", words[day.start : day.end])
    return Reading(day.start, end, day.then if over else day.first)


def ends(rest: str) -> bool:
    """Whether the thought is over here, but for a please."""
    clause = re.split(r"[,。;!]", rest, maxsplit=1)[0]
    return not said_words.POLITE.sub("", clause)
