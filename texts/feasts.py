"""Feasts by the names that people give them, and the first day after the days off that come with them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

# Month, day, and days until it is over.
_FIXED: Final[dict[str, tuple[int, int, int]]] = {
    "元旦": (1, 1, 1), "情人节": (2, 14, 1), "妇女节": (3, 8, 1), "三八节": (3, 8, 1), "五一": (5, 1, 5),
    "劳动节": (5, 1, 5), "六一": (6, 1, 1), "儿童节": (6, 1, 1), "高考": (6, 7, 3), "教师节": (9, 10, 1),
    "国庆": (10, 1, 7), "十一": (10, 1, 7), "双十一": (11, 11, 1), "双11": (11, 11, 1), "双十二": (12, 12, 1),
    "双12": (12, 12, 1), "双旦": (1, 1, 1), "平安夜": (12, 24, 1), "圣诞": (12, 25, 1), "618": (6, 18, 1),
}  # fmt: skip
_MOON: Final[dict[str, tuple[str, int, int]]] = {  # the feast, days from it, days that it lasts
    "春节": ("春节", 0, 7), "过完年": ("春节", 0, 7), "过了年": ("春节", 0, 7), "过年": ("春节", 0, 7),
    "年后": ("春节", 0, 7),
    "年过完": ("春节", 0, 7), "除夕": ("春节", -1, 8), "大年三十": ("春节", -1, 8), "小年": ("春节", -7, 1),
    "元宵": ("春节", 14, 1), "正月十五": ("春节", 14, 1), "过完十五": ("春节", 14, 1), "出正月": ("春节", 29, 1),
    "清明": ("清明节", 0, 1), "端午": ("端午节", 0, 1), "七夕": ("", 0, 1),
    "中秋": ("中秋节", 0, 1), "重阳": ("", 0, 1),
}  # fmt: skip
_FIRST_DAYS: Final = {f"初{digit}": place for place, digit in enumerate("一二三四五六七八九十")}
_DIGITS: Final = "一二三四五六七八九十"
_MONTH_DAYS: Final = [*_DIGITS, *(f"十{digit}" for digit in _DIGITS[:9]), "二十"]
_NO_DAY: Final = (
    "寒假",
    "暑假",
    "放假",
    "开学",
    "节后",
    "节假日",
    "年底",
    "年前",
    "期末",
    "母亲节",
    "父亲节",
    "腊月",
    "开春",
    "入秋",
    "入冬",
    "立春",
    "立冬",
    "冬至",
    "春天",
    "夏天",
    "秋天",
    "冬天",
)
FEASTS: Final[tuple[str, ...]] = (
    rf"正月(?:初[{_DIGITS}]|十[{_DIGITS[:9]}]|二十(?![{_DIGITS}]))",
    *(rf"大?年{first}" for first in _FIRST_DAYS),
    *(f"(?<!最){first}(?![中次衷心级])" for first in _FIRST_DAYS),
    "十一(?![月点号日天个件条双套只块斤周中])", *(name for name in _FIXED if name != "十一"),
    "过年(?!过)", *(name for name in _MOON if name != "过年"), *_NO_DAY,
)  # fmt: skip


def feast(word: str, said: date) -> date | None:
    """The next such day on which the feast is not over yet; None where its name tells no day."""
    word = _bare(word)
    first_day = _first_days(word)
    if first_day is not None:
        return _moon("春节", first_day, 1, said)
    if (moon := _MOON.get(word)) is not None:
        return _moon(*moon, said) if moon[0] else None
    fixed = _FIXED.get(word)
    if fixed is None:
        return None
    month, day, lasts = fixed
    this = date(said.year, month, day)
    return this if this + timedelta(days=lasts) > said else this.replace(year=said.year + 1)


def after_feast(word: str, day: date | None) -> date | None:
    """The first day of which one says that the feast is over."""
    word = _bare(word)
    if day is None:
        return None
    if _first_days(word) is not None:
        return day  # 初八以后 begins with that day
    lasts = _FIXED[word][2] if word in _FIXED else _MOON[word][2]
    return day + timedelta(days=lasts)


def _first_days(word: str) -> int | None:
    """How many days after the spring festival 初八 or 正月十八 is."""
    if word.startswith("正月") and word != "正月十五":
        return _MONTH_DAYS.index(word[2:].removeprefix("初"))
    return _FIRST_DAYS.get(word[-2:])


def _bare(word: str) -> str:
    return word if word in _FIXED or word in _MOON else word.removesuffix("节")


def _moon(name: str, after: int, lasts: int, said: date) -> date | None:
    for year in (said.year, said.year + 1):
        day = _of_year(name, year)
        if day is not None and day + timedelta(days=after + lasts) > said:
            return day + timedelta(days=after)
    return None


@lru_cache(maxsize=64)
def _of_year(name: str, year: int) -> date | None:
    from holidays.countries.china import China  # 20 MB that only a feast by the moon needs

    calendar = China(years=year, language="zh_CN")  # type: ignore[no-untyped-call]
    days = [day for day, title in calendar.items() if title.split("；")[0] == name]
    return min(days, default=None)
