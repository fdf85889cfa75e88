"""How people ask for later shipping, and which day they mean. A day is told only where the words name one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from rules import delay_phrases as said_words
from rules.delay_readings import LONGEST, Found, Wish, allowed, dated, told
from rules.verdict import Outcome
from texts.days import Named, days_in
from texts.plain import plain

_SPLIT: Final = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_BRACKETS: Final = re.compile(r"[()\[\]【】「」《》]")
_CLAUSE_END: Final = ",，。;；!！~\n"
_NOTHING: Final = re.compile(r"[发寄送邮货等晚迟延缓后再收到不先过天日号周月年节初底期旦礼待听暂约改放留存停在hH\d]")


@dataclass(frozen=True, slots=True)
class Judged:
    """`reasons` in Chinese; `wish` with a hit, and with an unknown where there is one at all."""

    outcome: Outcome
    reasons: tuple[str, ...]
    wish: Wish | None = None


def judge_words(text: str, said: date) -> Judged:
    """Whether a text written on the day `said` asks for later shipping."""
    if not text or not _NOTHING.search(text):
        return Judged(Outcome.MISS, ("没有要求延后",))
    words = _plain(text)
    found = list(_wishes(words, said))
    if not found:
        lone = _lone_number(words, said)
        return lone or Judged(Outcome.MISS, ("没有要求延后",))
    if said_words.COMPLAINING.search(words) and not any(said_words.POSTPONED.search(one.wish.phrase) for one in found):
        return Judged(Outcome.MISS, ("是在催问，没有要求延后",))
    first = found[0]
    released = said_words.RELEASED.search(words)
    if released and not any(one.start > released.start() for one in found):
        return Judged(Outcome.MISS, (f"写着「{released[0]}」",))
    if _in_a_hurry(words, first):
        return Judged(Outcome.UNKNOWN, (f"既催发又说「{first.wish.phrase}」，请人工看",), first.wish)
    days = [one.wish for one in found if one.wish.day is not None]
    if not days and (named := _named_within(words, first, said)) is not None:
        days = [replace(first.wish, day=named.then, relative=named.relative)]
    sent = [wish for wish in days if re.search(said_words.SEND, wish.phrase)]
    chosen = max(sent or days, key=_day, default=first.wish)
    return Judged(Outcome.HIT, (_told(chosen),), chosen)


def _named_within(words: str, found: Found, said: date) -> Named | None:
    """等我12月10号考完试再发: the day in the middle of it."""
    inside = days_in(words[found.start : found.end], said)
    near = (one for one in inside if one.then and one.then - said <= LONGEST)
    return next((one for one in near if one.kind in ("day", "number", "week", "feast", "decimal")), None)


def _day(wish: Wish) -> date:
    return wish.day or date.min


def _told(wish: Wish) -> str:
    return f"「{wish.phrase}」，{wish.day:%m-%d} 起再发" if wish.day else f"「{wish.phrase}」，没有明确日期，先不发"


def wish_in(text: str, said: date) -> Wish | None:
    """The wish for later shipping in a text written on the day `said`; None where there is none."""
    judged = judge_words(text, said)
    return judged.wish


def is_urgent(text: str) -> bool:
    return any(not said_words.CALM.search(text, 0, one.start()) for one in said_words.URGENT.finditer(text))


def _plain(text: str) -> str:
    """一周后发货行吗 is 一周后发货,行吗; and who asks 可以三天后再发吗 wants it."""
    words = _BRACKETS.sub("", _SPLIT.sub(",", plain(text)).replace(" ", ""))
    return said_words.MAY_I.sub(r"\1", said_words.ALL_RIGHT.sub(r",\g<0>", words))


def _in_a_hurry(words: str, first: Found) -> bool:
    """Urgent words that do not belong to the later day itself: 25号后尽快发 is no contradiction."""
    for one in said_words.URGENT.finditer(words):
        if said_words.CALM.search(words[: one.start()]):
            continue
        if first.start <= one.start() < first.end:
            continue
        between = words[first.end : one.start()]
        if one.start() >= first.end and said_words.LATER_BUT_FAST.search(between) and not _cut(between):
            continue
        return True
    return False


def _cut(between: str) -> bool:
    later = re.search(r"到时|届时|之后|然后|那时|再", between)
    return later is None and any(letter in _CLAUSE_END for letter in between)


def _lone_number(words: str, said: date) -> Judged | None:
    """25号 and nothing else: a day, a size, or a house."""
    for day in days_in(words, said):
        if day.kind == "number" and not said_words.POLITE.sub("", words[: day.start] + words[day.end :]):
            return Judged(Outcome.UNKNOWN, (f"只写了「{words[day.start : day.end]}」，看不出是不是日期",))
    return None


def _wishes(words: str, said: date) -> Iterator[Found]:
    found = [*_holds(words), *dated(words, said)]
    yield from sorted(found, key=lambda one: (one.wish.day is None, one.start))


def _holds(words: str) -> Iterator[Found]:
    """Wishes that name no day: 先不要发, 等我通知."""
    for pattern, own in said_words.HOLDS:
        for one in pattern.finditer(words):
            before = words[: one.start()]
            if not own and (said_words.NEGATED.search(before) or before[-1:] in ("不", "别", "勿")):
                continue
            if said_words.COMPLAINT.search(before) or said_words.DONE.match(words, one.end()):
                continue
            if said_words.WHETHER.search(before) or said_words.ABOUT.match(words[one.end() :]):
                continue
            if not own and _only_allowed_or_asked(before, words[one.end() :]):
                continue
            if allowed(words, one.end()) or said_words.PAST.match(words[one.end() :]):
                continue
            yield Found(Wish(told(words, one.start(), one.end()), None), one.start(), one.end())
            break


def _only_allowed_or_asked(before: str, rest: str) -> bool:
    """可以慢点发 allows it, 延迟发货有补偿吗 asks about it; 可以晚点发吗 wants it."""
    asked = re.match(r"[^,。;!]{0,8}?(?:吗|么|\?|有没有)", rest) is not None
    may = re.search(r"(?:可以|可否|能否|能不能|可不可以|能|麻烦|请|帮我|想|希望)[^,。;]{0,6}$", before) is not None
    if asked:
        return not may and said_words.AGREED.match(rest) is None
    return re.search(r"可以$", before) is not None
