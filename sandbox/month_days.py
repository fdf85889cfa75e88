"""When the orders of a month come: by hour, by weekday, and on two days of a sale many more."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.clock import BEIJING
from sandbox.world_day import HOURS

DAYS = 30
WEEKDAYS = (1.0, 0.95, 0.95, 1.0, 1.05, 1.15, 1.2)  # Monday … Sunday: people shop when they are free
PEAK = 4.0
"""Times an ordinary day, on each of the two days of the sale."""
_FROM, _UNTIL = 8, 20  # of the month's days, one of them and the next are the sale


def peak_days(rng: random.Random, days: int) -> tuple[int, ...]:
    """Two days in a row, neither at the very beginning nor at the end; none in a month of a few days."""
    if days < _UNTIL:
        return ()
    first = rng.randint(_FROM, _UNTIL)
    return (first, first + 1)


def moments(rng: random.Random, count: int, start: datetime, *, days: int = DAYS) -> list[datetime]:
    """When each of `count` orders comes, in order; `start` is the midnight in Beijing at which the month begins."""
    peaks = peak_days(rng, days)
    weights = [_weight(start + timedelta(days=day), sale=day in peaks) for day in range(days)]
    return sorted(_within(rng, start, day) for day in rng.choices(range(days), weights, k=count))


def moment_on(rng: random.Random, start: datetime, day: int, hours: Sequence[int]) -> datetime:
    """A moment of that day in one of these hours of Beijing."""
    return start + timedelta(days=day, hours=rng.choice(list(hours)), seconds=rng.randrange(3600))


def _weight(day: datetime, *, sale: bool) -> float:
    return WEEKDAYS[day.astimezone(BEIJING).weekday()] * (PEAK if sale else 1.0)


def _within(rng: random.Random, start: datetime, day: int) -> datetime:
    (hour,) = rng.choices(range(24), HOURS)
    return moment_on(rng, start, day, (hour,))
