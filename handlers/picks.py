"""The one drop-down beside a case's buttons: how long a claim takes, until when it waits, on which day, to whom. A pick
belongs to the button that can use it and means nothing to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from handlers.actions import wait
from handlers.actions.action import CaseState
from handlers.buttons import MOST_OPTIONS, NO_PICK, NOTHING, PICK, Choice
from handlers.caselife import waiting
from handlers.caselife.moments import moment_in
from handlers.desk import Refusal
from handlers.mishaps.registering import KIND as MISHAP
from handlers.mishaps.settling import CAUSE
from handlers.wording import day_of
from texts.mishaps import CAUSES

_PROMISES: Final = ((15, "15 分钟内"), (30, "30 分钟内"), (60, "1 小时内"))
# As people would type them, read on the press: what stands on an old card is meant as it reads then.
_WAKES: Final = (("2h", "2 小时后"), ("18:00", "今天 18:00"), ("明天10:00", "明天 10:00"))
_WEEKDAYS: Final = "一二三四五六日"
_DAYS_AHEAD: Final = (1, 2, 3, 5, 7, 10, 14, 21, 30)

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """The options of one button. `title`: what they answer; `typed`: how one of them is said in words."""

    title: str
    options: Options
    typed: str
    selected: str = ""


_NONE: Final = _Part("", (), "")


def of_case(
    case: CaseState, people: Sequence[tuple[int, str]], now: datetime, ship_by_at: datetime | None = None
) -> Choice | None:
    """None where nothing can be picked. `people`: who it may be handed to, (staff id, name). What would end after
    `ship_by_at`, the platform's deadline, is left out; the press is checked all the same."""
    days = _days(case, now) if case.kind != MISHAP else _causes(case)
    times = _promises(case, now, ship_by_at) if case.state == "open" else _waits(case, now, ship_by_at)
    persons = _persons(case, people)
    parts = [part for part in (days, times, persons) if part.options]
    if not parts:
        return None
    others = _others(case) if ship_by_at is None or ship_by_at > now else ()
    nothing: Options = () if days.selected else (NO_PICK,)
    room = MOST_OPTIONS - len(nothing) - len(times.options)  # a case has days or persons, never both
    options = (*nothing, *days.options[:room], *times.options, *persons.options[:room], *others)[:MOST_OPTIONS]
    title = " / ".join(part.title for part in parts)
    return Choice(PICK, title, options, days.selected or NOTHING, parts[0].typed)


def _promises(case: CaseState, now: datetime, ship_by_at: datetime | None) -> _Part:
    # Of what is late already only how soon it is done counts.
    last = ship_by_at if ship_by_at is not None and ship_by_at > now else None
    kept = [one for one in _PROMISES if last is None or now + timedelta(minutes=one[0]) <= last]
    return _Part("多久办好", tuple((f"minutes={minutes}", words) for minutes, words in kept), "认领 30")


def _waits(case: CaseState, now: datetime, ship_by_at: datetime | None) -> _Part:
    if not wait.offered(case):
        return _NONE
    kept = [one for one in _WAKES if _is_ahead(one[0], now, ship_by_at)]
    on = wait.usual(case)
    return _Part("等到何时", tuple((f"until={said}", words) for said, words in kept), f"{on} 2h")


def _others(case: CaseState) -> Options:
    """The button names on whom its kind waits mostly; where there is room, the others too."""
    names = waiting.ON.items() if wait.offered(case) else ()
    return tuple((f"on={on}", f"改{words}") for on, words in names if words != wait.usual(case))


def _is_ahead(said: str, now: datetime, ship_by_at: datetime | None) -> bool:
    try:
        at = moment_in(said, now)
    except Refusal:  # 18:00 is over
        return False
    return at is not None and at - now >= waiting.LEAST and (ship_by_at is None or at <= ship_by_at)


def _persons(case: CaseState, people: Sequence[tuple[int, str]]) -> _Part:
    if not case.is_alone or case.kind in ("delay_request", MISHAP):  # their drop-downs are full
        return _NONE
    others = [(number, name) for number, name in people if number != case.owner_id]
    return _Part("转给谁", tuple((f"person={number}", f"转给{name}") for number, name in others), "转 人名")


def _days(case: CaseState, now: datetime) -> _Part:
    """For a wish to wait: the wished day first."""
    if case.kind != "delay_request":
        return _NONE
    today, until = day_of(now), case.evidence.get("until")
    days = [today + timedelta(days=ahead) for ahead in _DAYS_AHEAD]
    wished = date.fromisoformat(until) if until else None
    if wished is not None and wished > today:
        days = [wished, *(day for day in days if day != wished)]
    selected = f"date={wished.isoformat()}" if wished is not None and wished > today else ""
    options = tuple((f"date={day.isoformat()}", f"{day:%m-%d} 周{_WEEKDAYS[day.weekday()]}") for day in days)
    return _Part("改到", options, f"改期 {days[0]:%m-%d}", selected)


def _causes(case: CaseState) -> _Part:
    """Of wrong, missing, short or damaged goods: where it went wrong."""
    known = case.evidence.get(CAUSE, "")
    options = tuple((f"{CAUSE}={name}", f"原因：{name}") for name in CAUSES)
    return _Part("哪里出的错", options, f"补发 {CAUSES[0]}", f"{CAUSE}={known}" if known in CAUSES else "")
