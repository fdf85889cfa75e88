"""SYNC_SILENT: no new order for so long that chance does not explain it.

Orders come by chance, at a rate that every hour of the week has of its own (Poisson). The rate is learnt from the same
hour of the same weekday of the last weeks; a sale day counts as an ordinary one, and a last day that was slower than
usual (a holiday) lowers what is expected of today. Enough is not known before four weeks: then nothing is said. All
moments are the platform's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from math import pow
from statistics import median
from typing import Final

from models.beijing import BEIJING
from rules.verdict import Verdict

WEEKS_NEEDED: Final = 4
WEEKS_USED: Final = 6
RARE: Final = 1 / 1000
"""How improbable one silence must be …"""
RARE_A_DAY: Final = 1 / 100
"""… and how many like it chance may bring in a day: a shop with many orders has many silences."""
ASK_FROM: Final = 0.5
"""So many orders must usually have come before the platform is asked whether any did. Asking costs one call, and what
it answers raises no alarm by chance: so it may be few."""
_ASK_ANYWAY: Final = timedelta(hours=2)
_BY_DAY: Final = range(8, 24)  # hours in Beijing in which orders come, as long as nothing better is known
_CYCLES: Final = 2  # pulls that must have come home empty
_SALE: Final = 2.0  # times an ordinary day
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Arrivals:
    """What is known of one shop. `by_hour`: full hour (UTC) → orders created in it; an hour that is not there had none.
    `last_at`: the newest order; `read_to`: up to there everything was read; `cycle`: from one pull to the next."""

    by_hour: Mapping[datetime, int]
    last_at: datetime
    read_to: datetime
    cycle: timedelta

    @cached_property
    def weeks(self) -> int:
        """Whole weeks of history before the newest order, as far as they are used."""
        return min(WEEKS_USED, (self.last_at - min(self.by_hour)) // _WEEK) if self.by_hour else 0

    def usual(self, start: datetime, end: datetime) -> float:
        """How many orders usually come between two moments."""
        total, hour = 0.0, _full_hour(start)
        while hour < end:
            part = (min(end, hour + _HOUR) - max(start, hour)) / _HOUR
            total += part * self._rate(hour)
            hour += _HOUR
        return total

    def seen(self, start: datetime, end: datetime) -> float:
        """How many came; hours that were cut count in part."""
        total, hour = 0.0, _full_hour(start)
        while hour < end:
            total += self.by_hour.get(hour, 0) * ((min(end, hour + _HOUR) - max(start, hour)) / _HOUR)
            hour += _HOUR
        return total

    def _rate(self, hour: datetime) -> float:
        before = [hour - _WEEK * number for number in range(1, self.weeks + 1)]
        return sum(self.by_hour.get(one, 0) * self._sales.get(_day(one), 1.0) for one in before) / self.weeks

    @cached_property
    def usual_day(self) -> float:
        """How many orders usually come in the day before the newest one."""
        return self.usual(self.last_at - _DAY, self.last_at)

    @cached_property
    def _sales(self) -> dict[date, float]:
        """By how much the orders of a sale day weigh less, so that it counts as an ordinary one."""
        most = _SALE * self._ordinary_day
        return {day: self._ordinary_day / orders for day, orders in self._days.items() if orders > most}

    @cached_property
    def _days(self) -> Counter[date]:
        days: Counter[date] = Counter()
        for hour, orders in self.by_hour.items():
            days[_day(hour)] += orders
        return days

    @cached_property
    def _ordinary_day(self) -> float:
        last = _day(self.last_at)
        days = [self._days[last - timedelta(days=number)] for number in range(1, self.weeks * 7 + 1)]
        return float(median(days))


def together(shops: Sequence[Arrivals]) -> Arrivals:
    """Several shops whose orders come by one way, as one: small shops that fall silent together say more than each."""
    by_hour: Counter[datetime] = Counter()
    for shop in shops:
        by_hour.update(shop.by_hour)
    last_at, read_to = max(shop.last_at for shop in shops), min(shop.read_to for shop in shops)
    return Arrivals(by_hour, last_at, read_to, shops[0].cycle)


def worth_asking(arrivals: Arrivals, since: datetime) -> bool:
    """Whether the platform, whose list of changes told nothing new just now, should be asked if any order came after
    `since`. From the first day on: where no usual rate is known, once a pull by day. At night, and where few orders are
    usual, every two hours."""
    silence = arrivals.read_to - since
    if silence >= _ASK_ANYWAY:
        return True
    if arrivals.weeks < WEEKS_NEEDED:
        return silence >= arrivals.cycle and arrivals.read_to.astimezone(BEIJING).hour in _BY_DAY
    return arrivals.usual(since, arrivals.read_to) >= ASK_FROM


def judge(arrivals: Arrivals, now: datetime) -> Verdict:
    """Hit: the shop is silent against all expectation; its mark is the silence. Same facts, same verdict."""
    if now - arrivals.last_at < _CYCLES * arrivals.cycle or arrivals.read_to <= arrivals.last_at:
        return Verdict.miss("刚有新单，或还没有读到之后的时间")
    if arrivals.weeks < WEEKS_NEEDED:
        return Verdict.unknown(f"记录不满 {WEEKS_NEEDED} 周，还不知道平时有多少单")
    level = _level(arrivals)
    expected = level * arrivals.usual(arrivals.last_at, arrivals.read_to)
    a_day = level * arrivals.usual_day
    chance = _chance_of_none(expected, arrivals.weeks)
    if chance >= RARE or chance * a_day >= RARE_A_DAY:
        return Verdict.miss(f"平时到这时约有 {expected:.1f} 单，没有也不奇怪")
    rate = expected / ((arrivals.read_to - arrivals.last_at) / _HOUR)
    words = f"平时这个时候{_spoken_rate(rate)}，已{_spoken(now - arrivals.last_at)}没有新单"
    evidence = {"expected": round(expected, 1), "an_hour": round(rate, 1)}
    return Verdict.hit(words, mark=arrivals.last_at.isoformat(), evidence=evidence)


def _chance_of_none(expected: float, weeks: int) -> float:
    """exp(-expected), were the rate known; it is the mean of a few weeks, and how far off that may be makes a silence
    more likely (Poisson with a Gamma of what was counted)."""
    return pow(weeks / (weeks + 1), weeks * expected)


def _level(arrivals: Arrivals) -> float:
    """How busy the day before the silence was beside the usual; never more than usual."""
    start = arrivals.last_at - _DAY
    return min(1.0, (arrivals.seen(start, arrivals.last_at) + 1) / (arrivals.usual_day + 1))


def _spoken_rate(an_hour: float) -> str:
    if an_hour >= 6:
        return f"每 10 分钟约 {an_hour / 6:.0f} 单"
    return f"每小时约 {an_hour:.0f} 单" if an_hour >= 1 else f"每天约 {an_hour * 24:.0f} 单"


def _spoken(silence: timedelta) -> str:
    minutes = int(silence.total_seconds()) // 60
    if minutes < 120:
        return f" {minutes} 分钟"
    return f" {minutes // 60} 小时" if minutes < 48 * 60 else f" {minutes // 1440} 天"


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


@lru_cache(4096)  # each look at a shop asks for the same thousand hours
def _day(hour: datetime) -> date:
    return hour.astimezone(BEIJING).date()
