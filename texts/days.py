"""Which days people name: 下周三, 25号, 12.5号, 月底, 元旦. A day that has passed is the next one of that name."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from texts.feasts import FEASTS, after_feast, feast

_DIGITS: Final = dict(zip("一二两三四五六七八九日天", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 7, 7), strict=True))
_N: Final = r"\d{1,3}|廿[一二三四五六七八九]?|[一二两三四五六七八九十]{1,3}"
_WEEK: Final = r"(?:周|星期|礼拜)"
_MOST_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Named:
    """A day in a text: `first` the day or the first of a stretch, `last` its last, None where the words name no day
    that a calendar knows (过几天); `then`: the first day of which one says 以后. `relative`: counted from the day on
    which it was said. `kind`: day, date (2026-12-05), digits (20261205), decimal (12.5), number (25号: also a
    size or a house), week (周三), near (明天), span (两天), feast, workday."""

    start: int
    end: int
    first: date | None
    last: date | None
    then: date | None
    kind: str = "day"
    relative: bool = False


Reader = Callable[[re.Match[str], date], "tuple[date | None, date | None]"]


def number(text: str) -> int:
    """12, 十二, 两, 廿五 → an integer; 0 where it is none."""
    if text.isdigit():
        return int(text)
    if text.startswith("廿"):
        return 20 + _DIGITS.get(text[1:], 0)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return _DIGITS.get(text, 0)
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def next_of(said: date, month: int | None, day: int) -> date | None:
    """The first such day that is not before `said`; None where the calendar has none within a year."""
    for ahead in range(13):
        months = said.month - 1 + ahead
        try:
            found = date(said.year + months // 12, months % 12 + 1, day)
        except ValueError:
            continue
        if found >= said and (month is None or found.month == month):
            return found
    return None


def _one(day: date | None) -> tuple[date | None, date | None]:
    return day, day


def _month_on(said: date, ahead: int) -> date:
    months = said.month - 1 + ahead
    return date(said.year + months // 12, months % 12 + 1, 1)


def _month_end(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _month_and_day(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    month, day = number(found["month"]), number(found["day"])
    base = date(said.year + 1, 1, 1) if found.groupdict().get("year") == "明年" else said
    return _one(next_of(base, month, day) if 0 < month < 13 else None)


def _whole_date(found: re.Match[str], _said: date) -> tuple[date | None, date | None]:
    try:
        return _one(date(int(found["year"]), int(found["month"]), int(found["day"])))
    except ValueError:
        return None, None


def _day_of_month(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    return _one(next_of(said, None, number(found["day"])))


def _day_of_that_month(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    first = _month_on(said, _months_ahead(found["which"]))
    day = number(found["day"])
    return _one(first.replace(day=day) if 0 < day <= _month_end(first).day else None)


def _months_ahead(which: str) -> int:
    return which.count("下")


def _part_of_month(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    """月初, 12月中旬, 下个月底: the first day of it."""
    which, part = found["which"] or "", found["part"]
    begins = {"初": 1, "上旬": 1, "头": 1, "中": 15, "中旬": 11, "下旬": 21}
    if named := re.match(_N, which):
        first = next_of(said.replace(day=1), number(named[0]), 1)
    else:
        first = _month_on(said, _months_ahead(which))
    if first is None:
        return None, None
    day = _month_end(first).day if part not in begins else begins[part]
    if first.replace(day=day) < said and not which:
        first = _month_on(said, 1)
        day = _month_end(first).day if part not in begins else begins[part]
    return _one(first.replace(day=day))


def _whole_month(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    base = date(said.year + 1, 1, 1) if found["year"] == "明年" else said.replace(day=1)
    first = next_of(base, number(found["month"]), 1) if 0 < number(found["month"]) < 13 else None
    return (max(first, said), _month_end(first)) if first else (None, None)


def _coming_month(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    first = _month_on(said, _months_ahead(found[0]))
    return max(first, said), _month_end(first)


def _coming_year(_found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    return date(said.year + 1, 1, 1), None


def _weekday(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    which, word = found["which"] or "", found["day"]
    if word in "末":
        return _weekend(which, said)
    day = (int(word) if word.isdigit() else _DIGITS[word]) - 1
    monday = said - timedelta(days=said.weekday())
    if "下" in which:
        return _one(monday + timedelta(weeks=which.count("下"), days=day))
    coming = monday + timedelta(days=day)
    if which:
        return _one(coming if coming >= said else None)
    return _one(coming if coming > said else coming + timedelta(weeks=1))


def _weekend(which: str, said: date) -> tuple[date | None, date | None]:
    saturday = said - timedelta(days=said.weekday()) + timedelta(weeks=which.count("下"), days=5)
    return max(saturday, said), saturday + timedelta(days=1)


def _coming_week(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    monday = said - timedelta(days=said.weekday()) + timedelta(weeks=found["which"].count("下"))
    part = {"中": 2, "末": 5, "底": 4}.get(found["part"] or "", 0)
    return max(monday + timedelta(days=part), said), monday + timedelta(days=6)


def _named_day(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    ahead = {"今": 0, "当": 0, "明": 1, "后": 2, "大后": 3}[found["which"]]
    return _one(said + timedelta(days=ahead))


def _span(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    count, unit = found["count"], found["unit"]
    if re.search(r"\d\s*[-~到至]$", found.string[: found.start()]):
        return None, None  # 5-6天后
    if re.search(r"[几多来数些]|若干", found[0]) or (len(count) > 1 and "十" not in count and not count.isdigit()):
        return None, None  # 两三天, 几天
    half = count == "半"
    if unit == "月":
        days = 15 if half else 0
        months = 0 if half else number(count)
        return _one(_months_later(said, months) + timedelta(days=days)) if months < 13 else (None, None)
    days = {"天": 1, "日": 1}.get(unit, 7) * number(count)
    return _one(said + timedelta(days=days)) if 0 < days <= _MOST_DAYS else (None, None)


def _months_later(said: date, months: int) -> date:
    first = _month_on(said, months)
    return first.replace(day=min(said.day, _month_end(first).day))


def _no_day(_found: re.Match[str], _said: date) -> tuple[date | None, date | None]:
    return None, None


def _a_feast(found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    day = feast(found[0], said)
    return _one(day)


def _workday(_found: re.Match[str], said: date) -> tuple[date | None, date | None]:
    return _one(said if said.weekday() < 5 else said + timedelta(days=7 - said.weekday()))


_NOT_A_DAY: Final = (
    r"(?!\s*(?:楼|院|色|码|链接|款|店|线|床|桌|球|门|库|仓|车|公馆|寸|元|折|块|cm|mm|kg|斤|米|升|针|钢|铺|电池|字"
    r"|(?:快递)?[柜箱架格栋窗]))"
)
# At one place the first that matches counts; (pattern, reader, kind, counted from the day on which it was said).
_PATTERNS: Final[tuple[tuple[re.Pattern[str], Reader, str, bool], ...]] = tuple(
    (re.compile(pattern), reader, kind, relative)
    for pattern, reader, kind, relative in (
        (r"(?<![\d./-])(?P<year>20\d\d)(?P<by>[./-])(?P<month>\d{1,2})(?P=by)(?P<day>\d{1,2})(?![\d./]|-\d)[号日]?",
            _whole_date, "date", False),
        (r"(?<![\d./A-Za-z号码-])(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?![\d./-]|[号码A-Za-z])",
            _whole_date, "digits", False),
        (r"(?<!\d)(?P<year>20\d\d)年(?P<month>1[0-2]|0?[1-9])月份?(?P<day>3[01]|[12]\d|0?[1-9])[号日]",
            _whole_date, "date", False),
        (
            rf"(?P<year>今年|明年)?(?P<month>(?<!\d)(?:{_N}))月份?(?P<day>{_N})"
            rf"(?:号|日|(?![\d天个年月周])){_NOT_A_DAY}",
            _month_and_day, "day", False,
        ),
        (
            r"(?<![\d.:/-])(?P<month>1[0-2]|0?[1-9])[./-](?P<day>3[01]|[12]\d|0?[1-9])(?![\d.:/%]|-\d"
            rf"|[天周个只双件条包瓶盒岁人米级度分倍月年])[号日]?{_NOT_A_DAY}",
            _month_and_day, "decimal", False,
        ),
        (
            rf"(?P<which>这个?|本|当|下下?个?)月的?(?P<day>{_N})(?:号|日|(?![\d天个年月]))",
            _day_of_that_month, "day", True),
        (
            rf"(?P<which>(?:(?<!\d)(?:{_N})月份?|这个?月|本月"
            r"|下下?个?月)?)的?(?:月(?!份))?(?P<part>(?<=月)(?:初|底|末|中(?!旬)|头|尾|的?最后一天)|上旬|中旬|下旬)",
            _part_of_month, "day", True,
        ),
        (rf"(?P<year>今年|明年)?(?<!\d)(?P<month>{_N})月份?(?![\d的第])(?!饼)", _whole_month, "day", False),
        (r"(?P<count>[一二两三四五六七八九十])(?P<unit>日)(?=之?后)", _span, "span", True),
        (rf"(?<![\d.码:第])(?P<day>3[01]|[12]\d|0?[1-9]|[一二三四五六七八九十廿]{{1,3}})[号日](?!程|常){_NOT_A_DAY}",
            _day_of_month, "number", False),
        (r"下下?个?月|(?:这个?|本)月(?![的份\d])", _coming_month, "day", True),
        (r"明年(?:初)?", _coming_year, "day", True),
        (
            rf"(?P<which>下{{1,2}}个?|这个?|本|上)?{_WEEK}(?P<day>[一二三四五六日天末]|[1-7](?!\d|天|个))",
            _weekday, "week", True),
        (rf"(?P<which>下{{1,2}}|这|本)个?{_WEEK}(?P<part>[中末底初])?", _coming_week, "day", True),
        (r"(?P<which>今|当|明|大后|(?<![以之过然])后)(?:天|日(?!期)|儿个?|晚|早)", _named_day, "near", True),
        (
            rf"(?:个把|(?P<count>半|几|好几|十几|十来|若干|两三|三五|三四|一两|七八|{_N})(?:多|来)?)"
            r"个?(?P<unit>(?<=个)月|天|日(?=[以之]?后)|周(?!岁|年)|星期|礼拜)(?:左右|时间|的时间|的样子)?",
            _span, "span", True,
        ),
        (r"几号|几天|多天|些天|些日子|一阵子?|一段时间|段时间|阵子", _no_day, "span", True),
        (r"工作日", _workday, "workday", True),
        (f"(?:{'|'.join(FEASTS)})(?:节(?!目|日|假))?", _a_feast, "feast", False),
    )
)  # fmt: skip
# What any of them begins with: most texts hold none, and are not looked at any closer.
_FIRST: Final = re.compile(
    r"[\d一二两三四五六七八九十廿半几好若个这本当下上明后今大多些段阵工周星礼元春过年除小初正清劳儿端中国双圣平情妇教高寒暑放开节母父腊月入立冬夏秋春]"
)


def days_in(text: str, said: date) -> Iterator[Named]:
    """The days that `text` (in `plain` spelling) names, in the order in which they stand."""
    at, before = 0, said
    while (first := _FIRST.search(text, at)) is not None:
        found = _at(text, first.start(), said)
        at = found.end if found else first.end()
        if found:
            found = _of_the_same_month(text, found, before)
            before = found.first or before
            yield found


def _of_the_same_month(text: str, found: Named, before: date) -> Named:
    """12月20号出生, 20号之后发: a day's number goes with the month that was named before."""
    if found.kind != "number" or found.first is None or found.first >= before:
        return found
    if found.first.day > _month_end(before).day:
        return found
    moved = before.replace(day=found.first.day)
    return replace(found, first=moved, last=moved, then=moved)


def _at(text: str, start: int, said: date) -> Named | None:
    for pattern, reader, kind, relative in _PATTERNS:
        found = pattern.match(text, start)
        if not found or not found[0]:
            continue
        first, last = reader(found, said)
        if (kind == "decimal" and first is None) or (kind in ("date", "digits") and (first is None or first < said)):
            continue
        then = after_feast(found[0], first) if kind == "feast" else first
        if kind == "span" and not found.groupdict().get("count"):
            first = last = then = None
        return Named(start, found.end(), first, last or first, then, kind, relative)
    return None
