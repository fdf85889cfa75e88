"""Days as people type them, mostly such that are over."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

_WORDS: Final = {"后天": -2, "明天": -1, "今天": 0, "昨天": 1, "前天": 2, "大前天": 3}
_DAY: Final = re.compile(r"(?:(20\d\d)\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_COMPACT: Final = re.compile(r"(20\d\d)(\d\d)(\d\d)")
BETWEEN: Final = re.compile(r"[\s,，、~～]+(?:[到至][\s,，、~～]+)?|(?<=[\d日号天])[到至](?=[\d今昨前大明后])")
"""Stands between two days, or a shop and a day."""
_HALF_A_YEAR: Final = timedelta(days=183)


def past_day(text: str, today: date) -> date | None:
    """昨天, 12-01, 12月1日, 2025-12-01, 20251201; None for what is no day. Without a year the nearest one is meant: in
    January 12-31 was last year, and in December 12-31 has yet to come."""
    if text in _WORDS:
        return today - timedelta(days=_WORDS[text])
    found = _COMPACT.fullmatch(text) or _DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day = found.groups()
    if year:
        return _date(int(year), int(month), int(day))
    made = _date(today.year, int(month), int(day))
    if made is not None and made - today > _HALF_A_YEAR:
        return _date(today.year - 1, int(month), int(day))
    return made


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
