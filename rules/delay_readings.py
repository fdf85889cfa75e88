"""What is meant by a day that somebody names: to ship from then on, a deadline, an absence, or something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from rules import delay_phrases as said_words
from rules.delay_arrival import may_arrive, that_day
from rules.delay_named import by_shop, of_another, stretch
from rules.delay_spoken import (
    NO_HURRY,
    Reading,
    alone,
    away_then,
    back_that_day,
    ends,
    not_within,
    on_it,
    refused,
    ship_day,
)
from texts.days import Named, days_in, number

_VERB_END: Final = re.compile(r"(?<=[发寄])(?:货|件|出)|")
_CLAUSE_END: Final = ",，。;；!！~"
_AT_ANY_RATE: Final = re.compile("务必|一定|必须|尽量|赶")
_DAYS_SOONER: Final = re.compile(rf"的?前([1-9]|[一两二三四五六七])天(?:左右|再|才)?{said_words.SEND}(?!货?了)")
_THEN_SENT: Final = re.compile(rf"[再才](?:$|[,。!~哈吧哦说]|[^,。;]{{0,4}}{said_words.SEND})")
_IN_NUMBERS: Final = ("number", "decimal", "span", "day", "date", "digits")
ON_THE_WAY: Final = timedelta(days=3)  # what couriers need between most provinces
LONGEST: Final = timedelta(days=200)  # 国庆后 in November is not meant for the next autumn


@dataclass(frozen=True, slots=True)
class Wish:
    """`phrase` is what was said, `day` the earliest day to ship, None where the words name none."""

    phrase: str
    day: date | None
    relative: bool = False  # counted from the day on which it was said
    arrival: date | None = None  # where the words name the day on which it shall be there; `day` is some days before


@dataclass(frozen=True, slots=True)
class Found:
    """A wish and where it stands; `end` is behind its verb. `reckoned`: it says only on which days not to ship."""

    wish: Wish
    start: int
    end: int
    reckoned: bool = False


def told(words: str, start: int, end: int) -> str:
    """What was said, up to the end of its verb: 发货 and not 发."""
    return words[start : _VERB_END.match(words, end).end()].strip(_CLAUSE_END)  # type: ignore[union-attr]


def allowed(words: str, end: int) -> bool:
    """晚两天也行: nobody asks for it."""
    return said_words.ALLOWED.match(words[end:]) is not None and said_words.NOT_SOONER.match(words[end:]) is None


def dated(words: str, said: date) -> Iterator[Found]:
    days = list(days_in(words, said))
    place = 0
    while place < len(days):
        day, used = stretch(words, days, place)
        place += used
        found = _of_day(words, day, said)
        if found is not None:
            yield found


def _of_day(words: str, day: Named, said: date) -> Found | None:
    """The wish that stands around a day; None where it is named for another reason."""
    before = words[: day.start]
    if of_another(words, day):
        return None
    if (asked := ship_day(words, day)) is not None:
        return _made(words, day, asked, said)
    to_leave = before.endswith("要") and said_words.TO_LEAVE.match(words, day.end)
    no_date = day.kind in _IN_NUMBERS and said_words.NOT_A_DATE_BEFORE.search(before)
    if no_date and not to_leave:
        return None
    if by_shop(words, day):
        return None
    part = re.match(said_words.PART_OF_DAY, words[day.end :])
    end = day.end + (part.end() if part else 0)
    if (without := not_within(words, day, end, said)) is not None:
        made = _made(words, day, without, said)
        return replace(made, reckoned=True) if made else None
    for reading in (
        _before_it,
        _after_a_span,
        back_that_day,
        _until,
        _after_it,
        may_arrive,
        that_day,
        on_it,
        away_then,
        alone,
    ):
        read = reading(words, day, end)
        if read is not None:
            return _made(words, day, read, said)
    return None


def _made(words: str, day: Named, made: Reading, said: date) -> Found | None:
    if made.stop or refused(words, made):
        return None
    if not _among_several(words, day, made) and allowed(words, made.end):
        return None
    if made.arrives:
        return _arriving(words, day, made, said)
    when = made.from_day
    if when == said and (_now_on(day, said) or _AT_ANY_RATE.search(words[day.start : made.end])):
        return None  # 这周发, 这周务必发: the sooner the better
    if when is not None and (when - said > LONGEST or when < said):
        when = None
    phrase = told(words, made.start, made.end)
    return Found(Wish(phrase, when, day.relative), made.start, made.end)


def _arriving(words: str, day: Named, made: Reading, said: date) -> Found | None:
    """12月5号送到: to leave some days before; who wants it so soon asks nobody to wait, unless sooner is not wanted."""
    arrival = made.from_day
    phrase = told(words, made.start, made.end)
    if arrival is None or not said <= arrival <= said + LONGEST:
        return Found(Wish(phrase, None), made.start, made.end)
    if said_words.EARLY.search(words):  # who must not have it sooner rather waits
        return Found(Wish(phrase, arrival, day.relative), made.start, made.end)
    if arrival - ON_THE_WAY <= said + timedelta(days=1):
        return None
    return Found(Wish(phrase, arrival - ON_THE_WAY, day.relative, arrival), made.start, made.end)


def _among_several(words: str, day: Named, made: Reading) -> bool:
    """5号到8号都行, 25号以后哪天发都行: which of them does not matter, but it is one of them."""
    if not words.startswith("都", made.end):
        return False
    return day.kind == "stretch" or said_words.ANY_OF_THEM.search(words[made.start : made.end]) is not None


def _now_on(day: Named, said: date) -> bool:
    """这周, 本月: today is in it, and more days are."""
    return day.first == said and day.last is not None and day.last > said


def _before_it(words: str, day: Named, end: int) -> Reading | None:
    """25号之前: a deadline, unless one says no to it: 25号之前别发, 25号前不在家; 元旦前两天发 is a day of its own."""
    sooner = _DAYS_SOONER.match(words, end)
    if sooner is not None and day.first is not None:
        return Reading(day.start, sooner.end(), day.first - timedelta(days=number(sooner[1])))
    before = re.compile(said_words.BEFORE).match(words, end)
    if before is None:
        return None
    dont = re.compile(
        rf"[,]?(?:我|都|人|家里)?(?:{said_words.NO}\s*(?:{said_words.SEND}|{said_words.RECEIVE})|{said_words.AWAY})"
    ).match(words, before.end())
    if dont is not None:
        return Reading(day.start, dont.end(), day.first)
    earlier = re.search(rf"(?<!能)(?<!可)(?<!要){said_words.NO}(?:在|于)?$", words[: day.start])
    sent = re.compile(rf"[^,。;]{{0,3}}?(?:{said_words.SEND}|{said_words.RECEIVE})").match(words, before.end())
    if earlier and sent:
        return Reading(earlier.start(), sent.end(), day.first)
    return Reading(day.start, before.end(), None, stop=True)


def _after_a_span(words: str, day: Named, end: int) -> Reading | None:
    """晚两天, 推迟一周, 过几天再发, 十天后."""
    if day.kind != "span":
        return None
    ahead = said_words.SAID_DELAY.search(words[: day.start])
    after = re.compile(said_words.AFTER).match(words, end)
    stop = after.end() if after else end
    sent = re.compile(rf"[^,。;]{{0,4}}?{said_words.SEND}(?!货?了)").match(words, stop)
    if ahead is not None:
        return _delayed(words, day, ahead, sent.end() if sent else stop)
    if after is None:
        return Reading(day.start, end, None, stop=True)
    rest = words[stop:]
    if said_words.OTHER_USE.match(rest) or said_words.PAST.match(rest) or said_words.QUESTION.match(rest):
        return Reading(day.start, stop, None, stop=True)
    if not sent and said_words.PRAISES.match(rest):
        return Reading(day.start, stop, None, stop=True)
    if sent or re.match(rf"(?:{said_words.RECEIVE}|{said_words.BACK}|再|才)", rest) or ends(rest):
        return Reading(day.start, sent.end() if sent else stop, day.first)
    return Reading(day.start, stop, None, stop=True)


def _delayed(words: str, day: Named, ahead: re.Match[str], end: int) -> Reading:
    before, rest = words[: ahead.start()], words[end:]
    weak = re.match(r"(?:过|隔|等|再等|缓|拖|迟)", ahead[0]) is not None
    if ahead[0].startswith("等") and end <= day.end + 3 and not re.search(said_words.SEND, words[day.end : end]):
        return Reading(day.start, end, None, stop=True)  # 还要等几天
    bad = said_words.COMPLAINT.search(before) and not re.search(r"(?:再|还要|我)$", before)
    if bad or said_words.DONE.match(rest) or said_words.PAST.match(rest) or said_words.NEGATED.search(before):
        return Reading(day.start, end, None, stop=True)
    if (
        weak
        and end <= day.end + 3
        and not (ends(rest) or re.search(said_words.SEND, words[day.end : end]) or _THEN_SENT.match(rest))
    ):
        return Reading(day.start, end, None, stop=True)
    if said_words.OTHER_DEED.match(words[day.end :]):
        return Reading(day.start, end, None, stop=True)
    return Reading(ahead.start(), end, day.first)


def _until(words: str, day: Named, end: int) -> Reading | None:
    """推迟到周三, 改在5号, 最早25号发, 等到元旦."""
    away = said_words.AWAY_UNTIL.search(words[: day.start])
    if away is not None and day.last:
        return Reading(away.start(), end, day.last + timedelta(days=1))
    if re.search(r"(?:要|得)等?到$", words[: day.start]) and re.match(
        r",?(?:之后|以后|才(?!能?[发寄])|后)", words[end:]
    ):
        return Reading(day.start, end, day.first)
    ahead = said_words.SAID_UNTIL.search(words[: day.start])
    if ahead is None or said_words.COMPLAINT.search(words[: ahead.start()]):
        return None
    after = re.compile(said_words.AFTER).match(words, end)
    sent = re.compile(rf"[^,。;]{{0,5}}?{said_words.SEND}").match(words, after.end() if after else end)
    weak = re.match(r"等|放|留|在|存|定|约|最快|安排", ahead[0]) is not None and "到" not in ahead[0]
    if said_words.BUYS.match(words[end:]):
        return Reading(day.start, end, None, stop=True)
    calm = NO_HURRY.search(words[: ahead.start()]) or re.search(said_words.AWAY, words[: ahead.start()])
    if weak and not (sent or after or (calm and ends(words[end:]))):
        return None
    if said_words.QUESTION.match(words[end:]) and re.match(r"最[早快]", ahead[0]):
        return Reading(day.start, end, None, stop=True)
    from_day = day.then if after and day.kind == "feast" else day.first
    return Reading(ahead.start(), max(one.end() for one in (sent, after) if one) if (sent or after) else end, from_day)


def _period(words: str, day: Named) -> bool:
    """这周以后, 本月之后: it has to be over."""
    return day.first != day.last and words[day.start] in "这本"


def _after_it(words: str, day: Named, end: int) -> Reading | None:
    """25号以后, 元旦后再发, 周三再, 下周才回来."""
    rest = words[end:]
    feast_over = day.kind == "feast" and re.search(r"后$|完|过了", words[day.start : day.end])
    after = re.compile(said_words.AFTER).match(words, end) or (feast_over and re.compile("").match(words, end))
    if not after:
        back = re.compile(rf"(?:才|我才|人才|再|就|我|会|能|可以)*{said_words.BACK}").match(words, end)
        only = re.search(r"(?:等|要|得)$", words[: day.start]) or re.match(r"(?:我|人)?(?:才|再)", rest)
        if back and (
            only
            or re.search(r"在外|不在|出差|没人|外地|旅游", words[: day.start])
            or re.search(r"再(?!买|来|拍)|别|先(?:别|不|放|存|压|缓|停|留)", words[back.end() :])
        ):
            every_week = day.kind == "workday" or (day.kind == "week" and words[day.start] not in "下这本")
            stop = every_week and not re.search(r"回|到家|返", back[0])
            return Reading(day.start, back.end(), day.first, stop)
        return None
    tail = words[after.end() :]
    passed = re.search(r"过[了完]$", words[: day.start]) is not None
    over = (
        feast_over
        or (passed and day.kind == "feast")
        or re.search(r"后|过|完|结束|回|起", after[0])
        or day.kind == "stretch"
    )
    from_day = day.then if over else day.first
    if over and day.last and _period(words, day):
        from_day = day.last + timedelta(days=1)
    if passed and day.last and day.kind in ("day", "date", "digits", "near", "week", "number"):
        from_day = day.last + timedelta(days=1)
    if re.match(
        rf"(?:就|都|再|也|我|就都)*(?:{said_words.NO}|不)(?:再)?(?:{said_words.SEND}|要了)|(?:我|就|都|人"
        rf"|也)*{said_words.AWAY}",
        tail,
    ):
        return Reading(day.start, after.end(), None, stop=True)
    if (
        said_words.PAST.match(re.sub("^(?:才|再|能|可以)?(?:收到|签收|到了)$", "", tail))
        or (said_words.OTHER_USE.match(tail) and not re.match(r"再?(?:给我|帮我)?(?:发(?!货的)|寄)", tail))
        or (tail.startswith("的") and not tail.startswith("的话"))
    ):
        return Reading(day.start, after.end(), None, stop=True)
    if said_words.BUYS.match(tail):
        return Reading(day.start, after.end(), None, stop=True)
    if said_words.QUESTION.match(tail) and not re.search(r"再|才", words[after.start() : after.end() + 1]):
        return Reading(day.start, after.end(), None, stop=True)
    sent = re.compile(rf"[^。;,]{{0,8}}?(?:{said_words.SEND}|{said_words.RECEIVE}|{said_words.BACK})").match(
        words, after.end()
    )
    if sent is None and not ends(tail) and "再" not in after[0]:
        return None
    return Reading(day.start, sent.end() if sent else after.end(), from_day)
