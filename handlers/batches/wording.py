"""Orders and words in one line: which of the numbers are orders, and where a note, a reason or a day begins."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Final, NamedTuple

from handlers.parse import Reference, carried, day_in, references

_EDGES: Final = " \t\r\n,，:：;；。"
_TOKEN: Final = re.compile(r"[^\s,，、;；]+")
_LIST: Final = re.compile(r"[,，、;；\n]")
_WIDEST: Final = 4  # tokens of one reference: JD 001 - 020

_WEEKDAYS: Final = "一二三四五六日"
_DAY: Final = re.compile(
    r"(?<![\dA-Za-z\-])(?:(?:20\d\d[-/.年])?\d{1,2}[-/.月]\d{1,2}[日号]?|\d{1,2}[号日])(?!\d)"
    r"|大后天|后天|明天|今天|(\d{1,2}) ?天[以之]?后|(下个?)?(?:周|星期|礼拜)([一二三四五六日天])"
)
_OF_NUMBERS: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}")
_AWAY: Final = {"今天": 0, "明天": 1, "后天": 2, "大后天": 3}


def split(rest: str, prefixes: Collection[str]) -> tuple[list[Reference], str]:
    """The orders named at the start of `rest`, and the words behind them. Behind the first one a tag, a range or a
    number of one of the shops' `prefixes` is an order too, and 002 behind 001; any other number only in a list
    (101、102): 备注 001 138 元已退 is about one order."""
    named: list[Reference] = []
    place = 0
    while (step := _one(rest, place)) is not None:
        found, end, behind = step.found, step.end, step.behind
        listed = place == 0 or _LIST.search(rest[place : step.begins]) is not None
        if not _counts(found, named, prefixes, listed=listed):
            break
        named.append(carried(found, named))
        place = end
        if behind:
            break
    return named, rest[place:].strip(_EDGES)


class _Step(NamedTuple):
    """A reference, where it ends, and whether words follow without a gap."""

    found: Reference
    end: int
    behind: bool
    begins: int


def _one(rest: str, place: int) -> _Step | None:
    """The reference at `place`, as wide as it can be read."""
    tokens = list(islice(_TOKEN.finditer(rest, place), _WIDEST))
    for last in reversed(tokens):
        chunk = rest[tokens[0].start() : last.end()]
        found, behind = references(chunk, many=True)
        if len(found) == 1 and not behind:
            return _Step(found[0], last.end(), False, tokens[0].start())
    if not tokens:
        return None
    found, behind = references(tokens[0][0], many=True)
    if len(found) != 1 or not behind:
        return None
    return _Step(found[0], tokens[0].end() - len(behind), True, tokens[0].start())


def _counts(found: Reference, named: Sequence[Reference], prefixes: Collection[str], *, listed: bool) -> bool:
    """Whether it is one more order, and not a word."""
    if found.prefix and found.kind != "tag" and found.prefix not in prefixes:
        return False
    if not named or listed:
        return True
    if found.kind in ("shop", "all"):
        return all(one.kind in ("shop", "all") for one in named)
    if found.kind == "digits":  # 001 002: no quantity is written like that
        return found.text.startswith("0") and len(found.text) == len(named[0].text)
    return found.kind in ("tag", "day_number", "range") or bool(found.prefix)


def with_day(rest: str, today: date) -> tuple[list[Reference], date | None, str]:
    """The orders, the day behind them, and the words behind that. Without a day all that is no order is words."""
    for found in _DAY.finditer(rest):
        named, behind = references(rest[: found.start()], many=True, dated=True)
        if not named or behind or (named[-1].kind == "shop" and _OF_NUMBERS.fullmatch(found[0])):
            continue  # JD 1-20 is a range
        day = _day(found, today)
        if day is not None:
            return named, day, rest[found.end() :].strip(_EDGES + "起再发货")
    named, behind = references(rest, many=True, dated=True)
    return named, None, behind.strip(_EDGES)


def _day(found: re.Match[str], today: date) -> date | None:
    if found[0] in _AWAY:
        return today + timedelta(days=_AWAY[found[0]])
    if found[1]:
        return today + timedelta(days=int(found[1]))
    if found[3]:
        return _weekday(today, _WEEKDAYS.index(found[3].replace("天", "日")), next_week=bool(found[2]))
    return day_in(found[0], today)


def _weekday(today: date, weekday: int, *, next_week: bool) -> date:
    """周五: the next one that is not over; 下周五: of the week that begins next Monday."""
    if next_week:
        return today + timedelta(days=7 - today.weekday() + weekday)
    return today + timedelta(days=(weekday - today.weekday()) % 7)
