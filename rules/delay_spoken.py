"""A day, and what stands directly behind it: to send, to be away, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rules import delay_phrases as said_words
from rules.delay_holds import DONT_SEND
from texts.days import Named

_SENT: Final = re.compile(
    r"(?:我|你们?|请|给我|帮我|统一|才|安排|务必|可以|就|开始|的话|定时|预约|领了?[^,。;!]{2,4}?(?:以后|之后|后))*"
    rf"\s*{said_words.SEND}(?:货|件|出|走|快递|吧)*"
)
_BROUGHT: Final = re.compile(r"[到达]|过?来")
NO_HURRY: Final = re.compile(r"(?:先不要|(?:莫|别|勿|不用?|不要|不必)(?:急着?|忙着?))(?:给我)?[发寄]货?[,;。]")
_BACK: Final = r"(?:回来|到家|回到?家|回去|回国|回到?)"
_BACK_THAT_DAY: Final = re.compile(
    rf"(?:我|才|要|会|就|能|从[^,。;]{{1,4}}|出差|旅游|外地|休假)*{_BACK}了?[,。]?(?:我|等|就|请|麻烦|那就)*(?:{_BACK}|到)?的?[那当][天日]"
    r"(?:再|就|才)(?:给我|帮我|安排)*(?:发货?|寄出?)(?!票)"
)
_EVERY_WEEK: Final = re.compile(r"送货|派送|派件|配送|送$")


@dataclass(frozen=True, slots=True)
class Reading:
    """`from_day`: the day that these words mean, the earliest to ship; `stop`: they are read, and ask for nothing."""

    start: int
    end: int
    from_day: date | None
    stop: bool = False
    arrives: bool = False  # on `from_day` it shall be there


def on_it(words: str, day: Named, end: int) -> Reading | None:
    """12.30发, 下周一发货: a wish for that day, unless it is asked, said of the past, or a deadline."""
    if day.kind == "near" and words[day.start] in "今当":
        return None
    received = re.compile(rf"再?{said_words.RECEIVE}").match(words, end)
    if received and said_words.EARLY.search(words):
        return Reading(day.start, received.end(), day.first, arrives=True)
    then = _SENT.match(words, end)
    if then is None:
        return _any_of_them(words, day, end)
    stop = _at_the_door(words, day, then) or _said_or_asked(words, day, then) or _asks_of_booking(words, then)
    passed = day.kind == "feast" and re.search(r"过[完了]$", words[: day.start])
    there = _BROUGHT.match(words, then.end()) if then[0].endswith("送") else None
    if there is not None and not stop and not passed:
        return Reading(day.start, there.end(), day.first, arrives=True)
    return Reading(day.start, then.end(), None if stop else day.then if passed else day.first, stop)


def not_within(words: str, day: Named, end: int, said: date) -> Reading | None:
    """这周不要发, 今天明天都别发, 不要这个月发: from the day after, where that time has begun or begins tomorrow."""
    if day.first is None or day.last is None or day.first > said + timedelta(days=1):
        return None
    over = day.last + timedelta(days=1)
    dont = DONT_SEND.match(words, end)
    if dont is not None and not re.match(r"[吗么?]|就(?:不要|退|取消)", words[dont.end() :]):
        return Reading(day.start, dont.end(), over)
    earlier = re.search(r"(?:(?<!要)不要|别|勿)(?:在|于)?$", words[: day.start])
    sent = re.compile(r"(?:就|都)?(?:发货?|寄出?|出货)(?=$|[,。!~;了哈哦吧啊谢])").match(words, end)
    if earlier is not None and sent is not None and day.first == said:
        return Reading(earlier.start(), sent.end(), over)
    return None


def back_that_day(words: str, day: Named, end: int) -> Reading | None:
    """24号出差回来,回来那天再发: on the day of coming back, and not the day after."""
    back = _BACK_THAT_DAY.match(words, end)
    if back is None:
        return None
    return Reading(day.start, back.end(), day.last if day.kind == "stretch" else day.first)


def ship_day(words: str, day: Named) -> Reading | None:
    """发货日期:12月3日, 定时发货:12月6日."""
    named = said_words.SHIP_DAY.search(words[: day.start]) or _booked(words[: day.start])
    if named is None or day.first is None or re.search(r"[吗么?]", words[day.end :]):
        return None
    after = re.compile(r"(?:以后|之后|后|左右|起)?").match(words, day.end)
    end = after.end() if after else day.end
    return Reading(named.start(), end, day.first) if ends(words[end:]) else None


def _asks_of_booking(words: str, then: re.Match[str]) -> bool:
    """怎么是12月6日预约发货: what the shop's page promises, and no wish."""
    return re.search("定时|预约", then[0]) is not None and said_words.OF_BOOKING.search(words) is not None


def _booked(before: str) -> re.Match[str] | None:
    """定时发货:, unless the shop's page says so."""
    booked = said_words.BOOKED.search(before)
    by_shop = booked and (said_words.BY_SHOP.search(before[: booked.start()]) or said_words.OF_BOOKING.search(before))
    return None if by_shop else booked


def _any_of_them(words: str, day: Named, end: int) -> Reading | None:
    """下周随便哪天都行."""
    if not re.search(r"随便|哪一?天|任", words[day.end : end]) or words[day.start] not in "下":
        return None
    rest = re.compile(r"(?:[发寄]货?|出货)?(?:都|就|也)?(?:行|可以|好|ok|OK|没问题)?(?=$|[,。!~;哈哦吧的谢])").match(
        words, end
    )
    return Reading(day.start, rest.end(), day.first) if rest else None


def _at_the_door(words: str, day: Named, then: re.Match[str]) -> bool:
    """周末送货, 周三送公司: when the courier shall come, and not when the parcel shall leave."""
    if then[0].endswith("送") and re.match(r"(?:到|去)?(?:家|公司|单位|学校|店)", words[then.end() :]):
        return True
    every_week = day.kind in ("week", "workday") or "末" in words[day.start : day.end]
    return every_week and _EVERY_WEEK.search(then[0]) is not None and words[day.start] not in "下"


def _said_or_asked(words: str, day: Named, then: re.Match[str]) -> bool:
    """25号发的, 明天发吗, 最晚25号发."""
    tail, before, rest = words[then.start() :], words[: day.start], words[then.end() :]
    if before.endswith("我") and said_words.OF_THE_BUYER.search(words):
        return True
    if said_words.PAST.match(tail) or said_words.PAST.match(rest) or re.match(r"了|的|没|给你|不", rest):
        return True
    near = day.kind == "near"
    if "才" in tail[:2] and (
        re.search(r"(?:还|要|得|竟然|居然|怎么|为啥|为什么|都|难道|结果|又|是不是)[^,。;]{0,4}$", before)
        or "?" in rest[:3]
    ):
        return True
    polite = said_words.ASKED_POLITELY.search(before) or re.match("就好|就行|即可|就可以", rest)
    asked = re.match(r"[^。;]{0,6}(?:吗|么|嘛|\?)|[^,。;]{0,6}(?:能|没|不$|是吧|(.)不\1)|,(?:能不能|没问题吧)", rest)
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
    calm = NO_HURRY.search(words[: day.start])
    if (
        day.kind in ("workday", "digits")
        or (day.kind == "number" and calm is None)
        or (day.kind == "near" and words[day.start] in "今当")
    ):
        return None
    if said_words.POLITE.sub("", NO_HURRY.sub("", words[: day.start]) + words[end:]):
        return None
    if re.search(r"[?吗]", words[end:]) and not re.search(r"[行好可]", words[end:]):
        return None
    over = day.kind == "feast" and re.search(r"后|完|过了", words[day.start : day.end])
    return Reading(day.start, end, day.then if over else day.first)


def refused(words: str, made: Reading) -> bool:
    """不要等到25号发; 今天别发哈25号发 refuses another day."""
    before = words[: made.start]
    if not said_words.NEGATED.search(before):
        return False
    return not (said_words.NO_IS_OVER.search(before) and re.search(said_words.SEND, words[made.start : made.end]))


def ends(rest: str) -> bool:
    """Whether the thought is over here, but for a please."""
    clause = re.split(r"[,。;!]", rest, maxsplit=1)[0]
    return not said_words.POLITE.sub("", clause)
