"""When somebody works, reckoned in Beijing days: shifts and a moment in, yes or no, or another moment, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from models.beijing import BEIJING, day_start

DAY: Final = 1440
AHEAD: Final = 60  # days in which a next shift is looked for
Week = tuple[tuple["Span", ...], ...]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Minutes of a day; an end beyond 1440 lies in the next one."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Night:
    """The company's quiet hours. What waited is told at `release`, an hour after the night's end, with the others."""

    start: int = 22 * 60
    end: int = 8 * 60
    release: int = 9 * 60

    @classmethod
    def of(cls, begins: str, ends: str, told_at: str) -> Night:
        """From times like 22:00."""
        parts = (time.split(":") for time in (begins, ends, told_at))
        return cls(*(int(hour) * 60 + int(minute) for hour, minute in parts))

    @property
    def day(self) -> Span:
        """When people without a shift may be told; all day where start and end are one."""
        if self.start == self.end:
            return Span(0, DAY)
        return Span(self.end, self.start if self.start > self.end else self.start + DAY)

    @property
    def shown(self) -> str:
        """22:00–08:00，09:00 一起发; 不设 where there is none."""
        if self.start == self.end:
            return "不设"
        start, end, release = (f"{minute // 60:02}:{minute % 60:02}" for minute in (self.start, self.end, self.release))
        return f"{start}–{end}，{release} 一起发"


@dataclass(frozen=True, slots=True)
class Hours:
    """One person's. `week`: the spans of Monday to Sunday, None for somebody without a shift, who keeps the company's
    hours; `workdays`: spans of legal working days; `days`: single days that differ."""

    night: Night = field(default_factory=Night)
    week: Week | None = None
    workdays: tuple[Span, ...] = ()
    days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def usual(self) -> bool:
        return self.week is None and not self.workdays

    def spans(self, day: date) -> tuple[Span, ...]:
        """When they work on that day, in order; () for a day off."""
        if day in self.days:
            return self.days[day]
        if self.usual:
            return (self.night.day,)
        found = self.week[day.weekday()] if self.week else ()
        return tuple(sorted({*found, *(self.workdays if self.workdays and is_workday(day) else ())}))

    def on(self, at: datetime) -> bool:
        return self.until(at) is not None

    def until(self, at: datetime) -> datetime | None:
        """When the shift that they are on ends; None off shift."""
        today = at.astimezone(BEIJING).date()
        minute = int((at - day_start(today)).total_seconds() // 60)
        for day, now in ((today, minute), (today - timedelta(days=1), minute + DAY)):
            ends = [span.end for span in self.spans(day) if span.start <= now < span.end]
            if ends:
                return day_start(day) + timedelta(minutes=max(ends))
        return None

    def back_at(self, at: datetime) -> datetime | None:
        """When they may be told again, seen from a moment off shift: the next shift's start, the company's release for
        who has none; None where no shift is in sight."""
        today = at.astimezone(BEIJING).date()
        moments = (moment for ahead in range(AHEAD) for moment in self._starts(today + timedelta(days=ahead)))
        return next((moment for moment in moments if moment > at), None)

    def _starts(self, day: date) -> Iterator[datetime]:
        alike = self.usual and day not in self.days
        minutes = [self.night.release] if alike else [span.start for span in self.spans(day)]
        yield from (day_start(day) + timedelta(minutes=minute) for minute in minutes)


@lru_cache(maxsize=128)
def is_workday(day: date) -> bool:
    """A legal working day: no holiday, no free weekend, or a weekend that is made up for. The make-up days of a year
    are decreed the autumn before; until then its weekends count as free."""
    from holidays.countries.china import China  # 20 MB that only a shift on working days needs

    return bool(China(years=day.year).is_working_day(day))  # type: ignore[no-untyped-call]
