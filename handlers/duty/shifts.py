"""Shifts as people write them, kept, and said again: 每天 09:00–18:00；周六 10:00–16:00；12-25 休."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, NoReturn

from sqlalchemy import text

from handlers import trail
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import duty, leaving, quiet
from handlers.duty.hours import DAY, Hours, Night, Span
from handlers.parse import day_in
from handlers.people import Person
from handlers.permissions import Permit
from handlers.wording import day_of
from models import Role
from models.people import ROLE_TITLES

SET: Final = Permit("排班", frozenset({Role.SUPERVISOR}))
HOW: Final = "请发：值班 小李 09:00-18:00，或：值班 小李 周一至周五 9-18，或：值班 小李 12-25 18-24"
USUAL: Final = ("默认", "恢复默认", "取消", "不排班")
OFF: Final = ("休", "休息", "不上班", "放假")
EVERY_DAY: Final = 0b1111111
_AT_MOST: Final = 2  # shifts in a day

_DAYS: Final = "一二三四五六日"
_NUMBERS: Final = {**{word: number for number, word in enumerate(_DAYS)}, "天": 6, **{str(n + 1): n for n in range(7)}}
_RANGE: Final = re.compile(
    r"(?:周|星期|礼拜)([一二三四五六日天1-7])\s*(?:至|到|~|～|-|—)\s*(?:周|星期|礼拜)?([一二三四五六日天1-7])"
)
_LIST: Final = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天1-7、，, ]*[一二三四五六日天1-7])(?![点:：\d])")
_WORDS: Final = {"每天": EVERY_DAY, "每日": EVERY_DAY, "周末": 0b1100000, "双休日": 0b1100000}
_WORKDAYS: Final = ("工作日", "上班日", "法定工作日")
_HOURS: Final = re.compile(
    r"(?P<h>\d{1,2})\s*(?:[:：](?P<m>\d{2})|点(?P<half>半)?)?\s*(?:-|–|—|~|～|至|到)\s*(?:次日|第二天)?"
    r"(?P<th>\d{1,2})\s*(?:[:：](?P<tm>\d{2})|点(?P<thalf>半)?)?"
)
_DATE: Final = re.compile(
    r"(?:20\d\d\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?|\d{1,2}\s*[日号]|今天|明天|后天"
)
_AHEAD: Final = {"今天": 0, "明天": 1, "后天": 2}
_FAR: Final = 60  # days: 9-12 14-18 is hardly the twelfth of September, said in December
_BETWEEN: Final = " \t\n,，、;；。"

_DROP_DAYS: Final = text("""
    UPDATE shifts SET weekdays = weekdays & ~cast(:days AS smallint) WHERE staff_id = :id AND day IS NULL
""")
_TIDY: Final = text("DELETE FROM shifts WHERE staff_id = :id AND day IS NULL AND weekdays = 0 AND NOT workdays")
_DROP_WEEK: Final = text("DELETE FROM shifts WHERE staff_id = :id AND day IS NULL")
_DROP_DAY: Final = text("DELETE FROM shifts WHERE staff_id = :id AND day = :day")
_DROP_ALL: Final = text("DELETE FROM shifts WHERE staff_id = :id")
_ADD: Final = text("""
    INSERT INTO shifts (staff_id, weekdays, workdays, day, from_minute, to_minute)
    VALUES (:id, :weekdays, :workdays, :day, :start, :end)
""")
_HAS_WEEK: Final = text("SELECT EXISTS (SELECT FROM shifts WHERE staff_id = :id AND day IS NULL)")
_ALONE: Final = text("SELECT id FROM staff WHERE id = :id FOR NO KEY UPDATE")
_LEAD: Final = text("""
    INSERT INTO leads (role, staff_id) VALUES (:role, :id) ON CONFLICT (role) DO UPDATE SET staff_id = :id
""")
_NO_LEAD: Final = text("DELETE FROM leads WHERE role = :role")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to hold: on one `day`, on `weekdays` (bits, Monday first), or on legal working days; no `spans`: a day
    off. `usual`: no shift any more, the company's hours."""

    spans: tuple[Span, ...] = ()
    weekdays: int = 0
    workdays: bool = False
    day: date | None = None
    usual: bool = False


def read(words: str, desk: Desk) -> Wish:
    """What stands behind the person's name. Raises Refusal for what is not understood, or could mean two things."""
    words = rest = words.strip(_BETWEEN)
    if rest in USUAL:
        return Wish(usual=True)
    day, rest = _day(rest, desk)
    weekdays, workdays, rest = (0, False, rest) if day is not None else _week(rest)
    if rest in OFF:
        if workdays:
            raise Refusal("工作日不能整个设成休息；单日请写日期，例如：值班 小李 12-25 休")
        if day is None and not weekdays:
            _unread(words)
        return Wish((), weekdays, day=day)
    spans, behind = _spans(rest)
    if behind and day is None and not weekdays and not workdays:
        weekdays, workdays, behind = _week(behind)  # 9-18 周一至周五
    if behind or not spans:
        _unread(words)
    return Wish(spans, weekdays or (0 if workdays or day else EVERY_DAY), workdays, day)


def keep(desk: Desk, actor: Actor, person: Person, wish: Wish) -> str:
    """Let it hold from now on; says how the person works then. What is not named stays as it is."""
    desk.session.execute(_ALONE, {"id": person.id})
    hours = duty.roster(desk).hours_of(person.id)
    before = shown(hours, desk)
    _write(desk, person.id, _others_as_they_are(hours, wish))
    now = duty.roster(desk)
    after = shown(now.hours_of(person.id), desk)
    trail.write(desk, f"staff:{person.id}", actor, action="排班", detail={"姓名": person.name, "班次": [before, after]})
    quiet.look_again(desk, person.id)
    if hours.on(desk.now) and leaving.is_gone(now, person.id, desk.now):
        leaving.set_free(desk, [person.id], actor)
    return after


def lead(desk: Desk, actor: Actor, role: Role, person: Person | None) -> None:
    """Whom the role's matters go to while nobody of it is on shift; None for nobody in particular."""
    if person is None:
        desk.session.execute(_NO_LEAD, {"role": str(role)})
    else:
        desk.session.execute(_LEAD, {"role": str(role), "id": person.id})
    said = {"岗位": ROLE_TITLES[role], "负责人": person.name if person else "无"}
    trail.write(desk, f"role:{role}", actor, action="指定负责人", detail=said)


def shown(hours: Hours, desk: Desk) -> str:
    """每天 09:00–18:00；12-25 休."""
    parts = [_night(hours.night)] if hours.usual else _weekly(hours)
    today = day_of(desk.now)
    parts += [f"{day:%m-%d} {spans_shown(hours.days[day]) or '休'}" for day in sorted(hours.days) if day >= today]
    return "；".join(parts)


def spans_shown(spans: Iterable[Span]) -> str:
    return "、".join(f"{_clock(one.start)}–{_clock(one.end)}" for one in spans)


def _night(night: Night) -> str:
    day = night.day
    return "默认：全天" if day == Span(0, DAY) else f"默认：每天 {_clock(day.start)}–{_clock(day.end)}"


def _clock(minute: int) -> str:
    morning = "次日 " if minute > DAY else ""
    minute = minute - DAY if minute > DAY else minute
    return f"{morning}{minute // 60:02}:{minute % 60:02}"


def _weekly(hours: Hours) -> list[str]:
    """The days of a week that are alike stand together."""
    found = [f"工作日 {spans_shown(hours.workdays)}"] if hours.workdays else []
    alike: dict[tuple[Span, ...], list[int]] = {}
    for number, spans in enumerate(hours.week or ()):
        if spans:
            alike.setdefault(spans, []).append(number)
    return [*found, *(f"{_named(days)} {spans_shown(spans)}" for spans, days in alike.items())] or ["不排班"]


def _named(days: Sequence[int]) -> str:
    if len(days) == 7:
        return "每天"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"周{_DAYS[days[0]]}至周{_DAYS[days[-1]]}"
    return "周" + "".join(_DAYS[day] for day in days)


def _day(rest: str, desk: Desk) -> tuple[date | None, str]:
    """A single day at the beginning. 9-18 alone is a time; 9-12 14-18 may be two, and is asked about."""
    found = _DATE.match(rest)
    behind = rest[found.end() :].strip(_BETWEEN) if found else ""
    if found is None or not behind:
        return None, rest
    word, today = found[0].strip(), day_of(desk.now)
    if word in _AHEAD:
        return date.fromordinal(today.toordinal() + _AHEAD[word]), behind
    day = day_in(word, today)
    if day is None or not (_HOURS.match(behind) or behind in OFF):
        return None, rest
    plain = re.fullmatch(r"\d{1,2}\s*-\s*\d{1,2}", word)
    if plain and (day - today).days > _FAR and behind not in OFF:
        raise Refusal(f"「{word}」是 {day:%m-%d} 这一天，还是几点到几点？每天两段请写：值班 小李 每天 {rest}")
    return day, behind


def _week(rest: str) -> tuple[int, bool, str]:
    """The weekdays named at the beginning, whether legal working days are, and what stands behind."""
    days, legal = 0, False
    while True:
        word = next((one for one in (*_WORDS, *_WORKDAYS) if rest.startswith(one)), "")
        named = None if word else _RANGE.match(rest) or _LIST.match(rest)
        if word:
            days, legal = days | _WORDS.get(word, 0), legal or word in _WORKDAYS
        elif named is not None:
            days |= _bits(named)
        else:
            return days, legal, rest
        rest = rest[len(word) if word else named.end() :].strip(_BETWEEN)  # type: ignore[union-attr]


def _bits(named: re.Match[str]) -> int:
    if named.re is _LIST:
        return sum({1 << _NUMBERS[word] for word in named[1] if word in _NUMBERS})
    first, last = _NUMBERS[named[1]], _NUMBERS[named[2]]
    count = (last - first) % 7 + 1  # 周五至周一 goes over the weekend
    return sum(1 << (first + ahead) % 7 for ahead in range(count))


def _spans(rest: str) -> tuple[tuple[Span, ...], str]:
    """The hours at the beginning, and what stands behind them."""
    found: list[Span] = []
    while len(found) < _AT_MOST and (hours := _HOURS.match(rest)):
        found.append(_span(hours))
        rest = rest[hours.end() :].strip(_BETWEEN)
    found.sort()
    if any(one.end > later.start for one, later in pairwise(found)):
        raise Refusal("两段时间重叠了，请核对")
    return tuple(found), rest


def _span(hours: re.Match[str]) -> Span:
    """22-6 ends the next morning; 24:00 is the day's end."""
    start = _minute(hours["h"], hours["m"], hours["half"])
    end = _minute(hours["th"], hours["tm"], hours["thalf"])
    if start in (end, DAY):
        raise Refusal(f"「{hours[0]}」的开始和结束一样，请核对；全天请写 0-24")
    return Span(start, end if end > start else end + DAY)


def _minute(hour: str, minute: str | None, half: str | None) -> int:
    found = int(hour) * 60 + (30 if half else int(minute or 0))
    if found > DAY or int(minute or 0) > 59:
        raise Refusal(f"「{hour}{':' + minute if minute else ''}」不是几点几分，请写 0 到 24 点")
    return found


def _unread(words: str) -> NoReturn:
    raise Refusal(f"「{words[:20]}」看不懂。{HOW}")


def _others_as_they_are(hours: Hours, wish: Wish) -> Wish:
    """周日 休, of somebody without a shift: on the other days they keep the company's hours."""
    if not hours.usual or wish.spans or not wish.weekdays or wish.day is not None:
        return wish
    return Wish((hours.night.day,), EVERY_DAY & ~wish.weekdays)


def _write(desk: Desk, staff_id: int, wish: Wish) -> None:
    if wish.usual:
        desk.session.execute(_DROP_ALL, {"id": staff_id})
        return
    if wish.day is not None:
        desk.session.execute(_DROP_DAY, {"id": staff_id, "day": wish.day})
    elif wish.workdays or wish.weekdays == EVERY_DAY:
        desk.session.execute(_DROP_WEEK, {"id": staff_id})
    else:
        desk.session.execute(_DROP_DAYS, {"id": staff_id, "days": wish.weekdays})
    off = (Span(0, 0),) if wish.day is not None and not wish.spans else ()
    rows = [
        {
            "id": staff_id, "weekdays": 0 if wish.day else wish.weekdays, "workdays": wish.workdays, "day": wish.day,
            "start": span.start, "end": span.end,
        }
        for span in wish.spans or off
    ]  # fmt: skip
    if rows:
        desk.session.execute(_ADD, rows)
    desk.session.execute(_TIDY, {"id": staff_id})
    if wish.weekdays and not wish.spans and not desk.session.execute(_HAS_WEEK, {"id": staff_id}).scalar_one():
        raise Refusal("这样一周都不上班了；不再排班请写 默认，一段时间不来请发「请假」")
