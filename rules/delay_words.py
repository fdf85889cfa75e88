"""How people ask for later shipping, and which day they mean. A day is told only where the words name one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from rules import delay_phrases as said_words
from rules.delay_aside import of_the_fitter, shipping_abroad, taken_back, takes_back
from rules.delay_holds import HOLDS
from rules.delay_readings import LONGEST, ON_THE_WAY, Found, Wish, allowed, dated, told
from rules.delay_typed import as_meant
from rules.delay_urged import outdone, over, pressed
from rules.verdict import Outcome
from texts.days import Named, days_in

_CLAUSE_END: Final = ",，。;；!！~\n"
_THOUGHT: Final = re.compile(r"[^,。;!?~]+")
_EVENTS: Final = frozenset("考搬回院学假装房娃生婚业修")
_CALENDAR: Final = ("day", "date", "digits", "number", "week", "feast", "decimal")
_NOTHING: Final = re.compile(
    r"[发寄送邮货等晚迟延缓后再收到不先过天日号周月年节初底期旦礼待听暂约改放留存停在莫别hHsS\d]"
)


@dataclass(frozen=True, slots=True)
class Judged:
    """`reasons` in Chinese; `wish` with a hit, and with an unknown where there is one at all."""

    outcome: Outcome
    reasons: tuple[str, ...]
    wish: Wish | None = None


def judge_words(text: str, said: date) -> Judged:
    """Whether a text written on the day `said` asks for later shipping."""
    if abroad := shipping_abroad(text):
        return Judged(Outcome.UNKNOWN, ("是外文，说到发货，请人工看是不是要晚发",), Wish(abroad, None))
    if not text or not _NOTHING.search(text):
        return Judged(Outcome.MISS, ("没有要求延后",))
    words = as_meant(text)
    wishes = list(_wishes(words, said))
    found = [one for one in wishes if not taken_back(words, one.start, one.end)]
    if wishes and not found:
        return Judged(Outcome.MISS, (f"「{wishes[0].wish.phrase}」已说作废",))
    found = [one for one in found if not outdone(words, one, said)]
    doubt = _called_off(words, found)
    if doubt is not None:
        return doubt
    if not found:
        return _lone_number(words, said) or Judged(Outcome.MISS, ("没有要求延后",))
    why_not = _not_meant(words, found)
    if why_not:
        return Judged(Outcome.MISS, (why_not,))
    if _in_a_hurry(words, found[0]) or all(pressed(words, one, said) for one in found):
        return Judged(Outcome.UNKNOWN, (f"既催发又说「{found[0].wish.phrase}」，请人工看",), found[0].wish)
    chosen = _chosen(words, found, said)
    return Judged(Outcome.HIT, (_told(chosen),), chosen)


def _called_off(words: str, found: list[Found]) -> Judged | None:
    """周五前到不了就别发了, 已退款别发: whether it leaves at all is the question, and a person's."""
    hangs = said_words.CANCEL_IF.search(words)
    if hangs and not any("再" in one.wish.phrase for one in found):
        return Judged(Outcome.UNKNOWN, (f"说「{hangs[0]}」，发不发请人工看",), Wish(hangs[0], None))
    gone = said_words.CANCELLED.search(words)
    if gone and found and not any(one.wish.day or said_words.WAITING.search(one.wish.phrase) for one in found):
        return Judged(Outcome.UNKNOWN, (f"说「{found[0].wish.phrase}」又说「{gone[0]}」，请人工看",), found[0].wish)
    above = takes_back(words, found[0].end) if found else ""
    if above:
        return Judged(Outcome.UNKNOWN, (f"说「{found[0].wish.phrase}」又说「{above}」，请人工看",), found[0].wish)
    return None


def _not_meant(words: str, found: list[Found]) -> str:
    """Why the words are no wish although a later day stands in them; "" where they are one."""
    phrases = [one.wish.phrase for one in found]
    if said_words.COMPLAINING.search(words) and not any(map(said_words.POSTPONED.search, phrases)):
        return "是在催问，没有要求延后"
    if said_words.TOO_LONG.search(words) and not any(map(said_words.ASKS_TO_WAIT.search, phrases)):
        return "是嫌发得慢，没有要求延后"
    released = said_words.RELEASED.search(words)
    if released and not any(one.start > released.start() for one in found):
        return f"写着「{released[0]}」"
    return ""


def _chosen(words: str, found: list[Found], said: date) -> Wish:
    """The latest day that is named to ship; a day reckoned from what is not wanted only where no other is named."""
    named = [one for one in found if one.wish.day is not None]
    days = [one.wish for one in named if not one.reckoned] or [one.wish for one in named]
    first = found[0]
    day = None if days else _named_beside(words, first, said) or _named_within(words, first, said)
    if day is not None:
        return replace(first.wish, day=day.then, relative=day.relative, arrival=None)
    # 20号发货，28号送到: who names the day to ship has reckoned already.
    days = [wish for wish in days if wish.arrival is None] or days
    sent = [wish for wish in days if re.search(said_words.SEND, wish.phrase)]
    return max(sent or days, key=_day, default=first.wish)


def _named_within(words: str, found: Found, said: date) -> Named | None:
    """等我12月10号考完试再发: the day in the middle of it."""
    inside = days_in(words[found.start : found.end], said)
    near = (one for one in inside if one.then and one.then - said <= LONGEST)
    return next((one for one in near if one.kind in _CALENDAR), None)


def _named_beside(words: str, found: Found, said: date) -> Named | None:
    """等我考完试再发,12月20号考完: the day that a later thought gives to what is waited for, or one before gives to
    之后再发."""
    if said_words.THEREUPON.match(found.wish.phrase):
        named = [one for one in days_in(words[: found.start], said) if one.then and one.kind in _CALENDAR]
        return named[-1] if named and said < (named[-1].then or said) <= said + LONGEST else None
    waited = set(found.wish.phrase) & _EVENTS
    for thought in _THOUGHT.finditer(words, found.end):
        named = [one for one in days_in(thought[0], said) if one.then and one.kind in _CALENDAR]
        if waited & set(thought[0]) and len(named) == 1 and said < (named[0].then or said) <= said + LONGEST:
            return named[0]
    return None


def _day(wish: Wish) -> date:
    return wish.day or date.min


def _told(wish: Wish) -> str:
    return f"「{wish.phrase}」，{from_then(wish)}" if wish.day else f"「{wish.phrase}」，没有明确日期，先不发"


def from_then(wish: Wish) -> str:
    """What the wish's day is, in Chinese; it must have one."""
    there = f"{wish.arrival:%m-%d} 是送达日，留 {ON_THE_WAY.days} 天在路上，" if wish.arrival else ""
    return f"{there}{wish.day:%m-%d} 起再发"


def wish_in(text: str, said: date) -> Wish | None:
    """The wish for later shipping in a text written on the day `said`; None where there is none."""
    judged = judge_words(text, said)
    return judged.wish


def is_urgent(text: str) -> bool:
    return any(not said_words.CALM.search(text, 0, one.start()) for one in said_words.URGENT.finditer(text))


def _in_a_hurry(words: str, first: Found) -> bool:
    """Urgent words that do not belong to the later day itself: 25号后尽快发 is no contradiction."""
    for one in said_words.URGENT.finditer(words):
        if said_words.CALM.search(words[: one.start()]) or said_words.ANOTHER_MATTER.match(words, one.start()):
            continue
        if over(words, one):
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
        if day.kind in ("number", "digits") and not said_words.POLITE.sub("", words[: day.start] + words[day.end :]):
            return Judged(Outcome.UNKNOWN, (f"只写了「{words[day.start : day.end]}」，看不出是不是日期",))
    return None


def _wishes(words: str, said: date) -> Iterator[Found]:
    found = [*_holds(words), *dated(words, said)]
    yield from sorted(found, key=lambda one: (one.wish.day is None, one.start))


def _holds(words: str) -> Iterator[Found]:
    """Wishes that name no day: 先不要发, 等我通知."""
    for pattern, own in HOLDS:
        for one in pattern.finditer(words):
            before = words[: one.start()]
            if not own and (said_words.NEGATED.search(before) or before[-1:] in ("不", "别", "勿")):
                continue
            if said_words.COMPLAINT.search(before) or said_words.DONE.match(words, one.end()):
                continue
            if said_words.WHETHER.search(before) or _asks_about(before, words[one.end() :], own=own):
                continue
            if not own and _only_allowed_or_asked(before, one[0], words[one.end() :]):
                continue
            if own and _which_goods(before, one[0]):
                continue
            if not own and of_the_fitter(words, one.start(), one.end()):
                continue
            if "送" in one[0] and said_words.THE_COURIER.search(before):
                continue
            if said_words.CANCEL_IF.search(words[: one.end()], max(0, one.start() - 8)):
                continue
            if allowed(words, one.end()) or said_words.PAST.match(words[one.end() :]):
                continue
            yield Found(Wish(told(words, one.start(), one.end()), None), one.start(), one.end())
            break


def _asks_about(before: str, rest: str, *, own: bool) -> bool:
    """延迟发货吗 asks, 可以晚点发吗 wants it, and 先别发嘛 is no question."""
    if own and rest.startswith("嘛"):
        return False
    may = re.search(r"(?:可以|可否|能否|能不能|可不可以|能)$", before) is not None
    return said_words.ABOUT.match(rest) is not None and not (may and rest[:1] in "吗么嘛")


def _which_goods(before: str, phrase: str) -> bool:
    """去年的陈货不要发给我; 我拍的货先别发 is another matter."""
    which = said_words.WHICH_GOODS.search(before)
    if which is None or said_words.WAITING.search(phrase):
        return False
    return said_words.THE_PARCEL.search(before[: which.start()]) is None


def _only_allowed_or_asked(before: str, phrase: str, rest: str) -> bool:
    """可以慢点发 allows it, 延迟发货有补偿吗 asks about it; 可以晚点发吗 wants it, and so does who says why."""
    asked = re.match(r"[^,。;!]{0,8}?(?:吗|么|\?|有没有)", rest) is not None
    may = re.search(r"(?:可以|可否|能否|能不能|可不可以|能|麻烦|请|帮我|想|希望)[^,。;]{0,6}$", before) is not None
    if asked:
        return not may and said_words.AGREED.match(rest) is None
    if not before.endswith("可以"):
        return False
    reason = said_words.REASON_BEHIND.match(rest) or said_words.REASON_AHEAD.search(before)
    return reason is None or re.search("[送派配]", phrase) is not None  # 晚点派送: in the day
