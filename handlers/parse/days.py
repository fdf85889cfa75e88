"""Days as people name them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

_AHEAD: Final = {"今天": 0, "明天": 1, "后天": 2, "大后天": 3}
_DATED: Final = re.compile(r"(?:(20\d\d)\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?$")
_WEEKDAY: Final = re.compile(r"(下?)(?:周|星期|礼拜)([一二三四五六日天])$")


def day_in(text: str, today: date) -> date | None:
    """12-25, 12月25日, 2025-12-25, 25号, 明天, 周五, 下周一: the next such day that is not over; None where there is
    none."""
    spoken = _spoken(text.strip(), today)
    if spoken is not None:
        return spoken
    found = _DATED.match(text.strip())
    if found:
        year, month, day = found.groups()
        years = [int(year)] if year else [today.year, today.year + 1]
        return next((made for one in years if (made := _date(one, int(month), int(day))) and made >= today), None)
    found = re.match(r"(\d{1,2})\s*[号日]$", text.strip())
    if found is None:
        return None
    months = [(today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1) for ahead in range(3)]
    days = (_date(year, month, int(found.group(1))) for year, month in months)
    return next((made for made in days if made and made >= today), None)


def day_near(text: str, today: date) -> date | None:
    """The same for what may have begun already: a day named with its month is that of the nearest year, or of the year
    that stands with it, be it over."""
    found = _DATED.match(text.strip())
    if found is None:
        return day_in(text, today)
    year, month, day = found.groups()
    years = [int(year)] if year else range(today.year - 1, today.year + 2)
    days = [made for one in years if (made := _date(one, int(month), int(day)))]
    return min(days, key=lambda one: abs(one - today), default=None)


def _spoken(text: str, today: date) -> date | None:
    if text in _AHEAD:
        return today + timedelta(days=_AHEAD[text])
    found = _WEEKDAY.match(text)
    if found is None:
        return None
    weekday = min("一二三四五六日天".index(found[2]), 6)
    if found[1]:  # of the week after this one
        return today + timedelta(days=7 - today.weekday() + weekday)
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
