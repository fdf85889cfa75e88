"""Which day is named where several stand, and by whom: of another order, by the shop, or by the buyer."""

from __future__ import annotations

import re
from typing import Final

from rules import delay_phrases as said_words
from texts.days import Named

_ONCE_MORE: Final = re.compile(r"[^,。;]{0,4}再")
_REPLACED: Final = re.compile(
    r"(?:[之以]后|后|再)*(?:发货?|寄出?)?的?,?(?:请|麻烦|帮我|现在|还是|要|想)*改[成为到至在]"
    r"(?=\d|[一二三四五六七八九十]{1,3}[号日月]|下{1,2}个?[周月星礼]|[周星礼]|月底|元旦|明天|后天|大后天)"
)
_HAS_MOVED: Final = re.compile(r"[再才]?(?:发货?|寄出?)?(?:了|的?[吗么?])")


def stretch(words: str, days: list[Named], place: int) -> tuple[Named, int]:
    """5号到8号, 周一或周二: from the first to the last, and how many of `days` it takes."""
    day = days[place]
    if place + 1 < len(days):
        other = days[place + 1]
        between = words[day.end : other.start]
        if re.fullmatch(r"\s*(?:-|~|到|至|—|–|或者?|、|和|及)\s*", between) and other.last and day.first:
            return Named(day.start, other.end, day.first, other.last, other.then, "stretch", day.relative), 2
    short = re.compile(r"(?:-|~|到|至|—)(\d{1,2})(?:号|日)?").match(words, day.end) if day.first else None
    if short and day.first and int(short[1]) > day.first.day:
        try:
            last = day.first.replace(day=int(short[1]))
        except ValueError:
            return day, 1
        used = 2 if place + 1 < len(days) and days[place + 1].start < short.end() else 1
        return Named(day.start, short.end(), day.first, last, last, "stretch", day.relative), used
    return day, 1


def of_another(words: str, day: Named) -> bool:
    """上次等到下个月, 朋友那单月底发: named of another order, or no more, as the first day of 27号发改成29号."""
    before = words[: day.start]
    if said_words.OTHERS_ORDER.search(before) or _REPLACED.match(words, day.end):
        return True
    last_time = said_words.LAST_TIME.search(before)
    return last_time is not None and not _ONCE_MORE.match(words, day.end) and not _moved(words, day)


def by_shop(words: str, day: Named) -> bool:
    """说好周一发的: what the shop has said, unless the buyer now says another day."""
    shop = said_words.BY_SHOP.search(words[: day.start])
    return shop is not None and not _ONCE_MORE.match(words, day.end) and not _moved(words, day)


def _moved(words: str, day: Named) -> bool:
    moved = said_words.MOVED.search(words[: day.start])
    return moved is not None and not _HAS_MOVED.match(words, day.end)
