"""The silence alarm on simulated shops: how fast it speaks, and how often it is wrong. Seeds are new in every run;
the figures are printed.

The simulations look at it some hundred thousand times, which coverage would make twice as long (`no_cover`); the plain
tests at the end go through every branch."""

from __future__ import annotations

import random
import secrets
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import exp

import pytest

from models.beijing import BEIJING, day_start
from rules.silence import Arrivals, judge, worth_asking
from rules.verdict import Outcome

START = datetime(2025, 10, 31, 16, 0, tzinfo=UTC)  # 1 November 2025 begins in Beijing
CYCLE = timedelta(minutes=10)
_HOUR = timedelta(hours=1)
LAG = timedelta(minutes=3)
OVERLAP = timedelta(minutes=5)
WEEKS = 5
# Of an ordinary day's orders in each Beijing hour: 4 a.m. is dead, 8 p.m. is the peak.
SHAPE = (10, 5, 3, 2, 1, 2, 6, 15, 30, 45, 55, 50, 45, 50, 55, 55, 50, 48, 52, 65, 75, 70, 50, 25)


class Shop:
    """Weeks of orders, `a_day` of them on an ordinary day; weekends are slower, two sale days have eight times as
    many. Silent from `dead_from` on."""

    def __init__(self, chance: random.Random, a_day: float, *, days: int, dead_from: datetime | None = None) -> None:
        self.sales = set(chance.sample(range(WEEKS * 7), 2))
        self.orders: list[datetime] = []
        self.by_hour: Counter[datetime] = Counter()
        for number in range(days * 24):
            hour = START + timedelta(hours=number)
            came = [hour + _HOUR * part for part in _arrivals(chance, a_day * self.factor(hour))]
            came = [at for at in came if dead_from is None or at < dead_from]
            self.orders += came
            if came:
                self.by_hour[hour] = len(came)

    def factor(self, hour: datetime) -> float:
        local, day = hour.astimezone(BEIJING), (hour - START).days
        weekly = 0.7 if local.weekday() >= 5 else 1.0
        return SHAPE[local.hour] / sum(SHAPE) * weekly * (8 if day in self.sales else 1)

    def at(self, now: datetime) -> Arrivals:
        """What the hub knows at `now`, pulled every ten minutes. Of the hour that runs it knows too much, which changes
        no more than the level of the day."""
        pulled = now - (now - START) % CYCLE
        read_to = pulled - LAG
        place = bisect_right(self.orders, read_to)
        return Arrivals(self.by_hour, self.orders[place - 1], read_to, CYCLE)


def _arrivals(chance: random.Random, mean: float) -> Iterator[float]:
    """When orders come in one hour (0 to 1), by the gaps between them."""
    at = chance.expovariate(mean)
    while at < 1:
        yield at
        at += chance.expovariate(mean)


@pytest.fixture
def chance() -> random.Random:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    return random.Random(seed)


def alarms(shop: Shop, start: datetime, end: datetime) -> set[str]:
    """The silences that the hub speaks of when it looks after every pull."""
    found: set[str] = set()
    now = start
    while now < end:
        verdict = judge(shop.at(now), now)
        if verdict.outcome is Outcome.HIT:
            found.add(verdict.mark)
        now += CYCLE
    return found


@pytest.mark.no_cover
def test_false_alarms_are_rare(chance: random.Random) -> None:
    """8 shops of each size, 14 days each. No more than one in 100 days of a shop is meant, so 1.1 in 112; more than 7
    would come by chance once in 50 000 runs."""
    shops, days = 8, 14
    begin = START + timedelta(weeks=WEEKS)
    for a_day in (12, 80, 400):
        wrong = sum(
            len(alarms(Shop(chance, a_day, days=WEEKS * 7 + days), begin, begin + timedelta(days=days)))
            for _ in range(shops)
        )
        print(f"{a_day:5} orders a day: {wrong} false alarms in {shops * days} days of a shop")
        assert wrong <= 7


def delay(shop: Shop, dead_from: datetime) -> timedelta:
    """From the death of the feed to the alarm, looked for every minute."""
    now = dead_from
    while judge(shop.at(now), now).outcome is not Outcome.HIT:
        now += timedelta(minutes=1)
        assert now < dead_from + timedelta(days=4), "it never spoke"
    return now - dead_from


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("a_day", "most"), [(1700, 2 * CYCLE + LAG), (400, timedelta(hours=1)), (80, timedelta(hours=15))]
)
def test_a_dead_shop_is_heard_of_soon_at_a_busy_hour(chance: random.Random, a_day: float, most: timedelta) -> None:
    delays = []
    for _ in range(10):
        dead_from = day_start((START + timedelta(weeks=WEEKS, days=2)).date()) + timedelta(
            hours=20, minutes=chance.uniform(0, 59)
        )
        delays.append(delay(Shop(chance, a_day, days=WEEKS * 7 + 7, dead_from=dead_from), dead_from))
    delays.sort()
    minutes = [round(one.total_seconds() / 60) for one in delays]
    print(f"{a_day} orders a day, dead at 8 p.m.: {minutes[0]} to {minutes[-1]} minutes, half within {minutes[5]}")
    assert delays[-1] <= most


class Feed:
    """A shop whose list of changes is dead from `dead_from` on, though its customers go on: pulled every ten minutes,
    and asked for what was created whenever a pull tells nothing and that is worth asking. `known`: whether there is a
    history."""

    def __init__(self, shop: Shop, dead_from: datetime, *, known: bool = True) -> None:
        self.orders = shop.orders
        self.dead_from, self.known, self.questions = dead_from, known, 0
        self.by_hour = {hour: orders for hour, orders in shop.by_hour.items() if hour + _HOUR <= dead_from}
        running = dead_from.replace(minute=0, second=0, microsecond=0)
        if last := bisect_left(self.orders, dead_from) - bisect_left(self.orders, running):
            self.by_hour[running] = last
        self.checked = START

    def pulled(self, now: datetime) -> bool:
        """Whether the platform told of orders that this pull, like those before, should have shown."""
        read_to = now - LAG
        place = bisect_right(self.orders, min(read_to, self.dead_from))
        last = self.orders[place - 1]
        if last > read_to - CYCLE:
            return False  # it told of orders
        arrivals = Arrivals(self.by_hour if self.known else {}, last, read_to, CYCLE)
        since, end = max(last, self.checked), read_to - OVERLAP
        if end <= since or not worth_asking(arrivals, since):
            return False
        self.questions, self.checked = self.questions + 1, end
        return bisect_right(self.orders, end) > bisect_right(self.orders, since)

    def told_at(self) -> datetime:
        now = self.dead_from - (self.dead_from - START) % CYCLE + CYCLE
        while not self.pulled(now):
            now += CYCLE
        return now


@pytest.mark.no_cover
@pytest.mark.parametrize("a_day", [20, 80, 400, 1700])
def test_a_dead_feed_is_found_by_asking_within_two_pulls_of_the_first_order_it_hides(
    chance: random.Random, a_day: float
) -> None:
    """Two pulls and the three minutes that the platform keeps to itself: the first pull still shows what came first.
    With a history and without one."""
    dead = []
    for _ in range(20):
        evening = day_start((START + timedelta(weeks=WEEKS, days=2)).date()) + timedelta(hours=20)
        dead.append((Shop(chance, a_day, days=WEEKS * 7 + 7), evening + timedelta(minutes=chance.uniform(0, 59))))
    most = (2 * CYCLE + LAG) / timedelta(minutes=1) if a_day >= 80 else 150
    for known in (True, False):
        told = [(shop, dead_from, Feed(shop, dead_from, known=known).told_at()) for shop, dead_from in dead]
        firsts = [shop.orders[bisect_right(shop.orders, dead_from)] for shop, dead_from, _ in told]
        delays = sorted((at - first).total_seconds() / 60 for (_, _, at), first in zip(told, firsts, strict=True))
        after_death = sorted((at - dead_from).total_seconds() / 60 for _, dead_from, at in told)
        print(
            f"{a_day} orders a day, history {known}: {delays[0]:.0f} to {delays[-1]:.0f} minutes after the first "
            f"hidden order, half within {delays[10]:.0f}; {after_death[-1]:.0f} at most after the feed died, half "
            f"within {after_death[10]:.0f}"
        )
        assert delays[-1] <= most, delays


@pytest.mark.no_cover
@pytest.mark.parametrize("a_day", [20, 80, 400])
def test_asking_raises_no_false_alarm_and_costs_little(chance: random.Random, a_day: float) -> None:
    begin, days = START + timedelta(weeks=WEEKS), 14
    shop = Shop(chance, a_day, days=WEEKS * 7 + days)
    for known in (True, False):
        feed = Feed(shop, begin + timedelta(days=days), known=known)
        wrong = sum(feed.pulled(begin + number * CYCLE) for number in range(int(timedelta(days=days) / CYCLE)))
        print(f"{a_day} orders a day, history {known}: {feed.questions / days:.1f} questions and {wrong} alarms a day")
        assert wrong == 0
        assert feed.questions / days <= 96


@pytest.mark.no_cover
def test_two_pulls_that_came_home_empty_at_a_busy_hour_are_enough(chance: random.Random) -> None:
    """Twelve orders in ten minutes are usual; the feed dies right after a pull."""
    for _ in range(10):
        pulled = day_start((START + timedelta(weeks=WEEKS, days=2)).date()) + timedelta(hours=20)
        shop = Shop(chance, 1000, days=WEEKS * 7 + 7, dead_from=pulled)
        assert judge(shop.at(pulled + CYCLE), pulled + CYCLE).outcome is Outcome.MISS
        second = pulled + 2 * CYCLE + timedelta(minutes=1)
        verdict = judge(shop.at(second), second)
        assert verdict.outcome is Outcome.HIT, verdict


def test_it_stays_quiet_at_four_in_the_morning(chance: random.Random) -> None:
    night = day_start((START + timedelta(weeks=WEEKS, days=2)).date()) + timedelta(hours=25)
    for a_day in (80, 400):
        shop = Shop(chance, a_day, days=WEEKS * 7 + 7, dead_from=night + timedelta(hours=2))
        now = night + timedelta(hours=3)
        assert judge(shop.at(now), now).outcome is Outcome.MISS, "an hour without an order says nothing at night"


def test_a_silence_after_a_quiet_day_is_no_surprise() -> None:
    """A holiday: the day before had a tenth of the usual."""
    hours = {START + timedelta(hours=number): 10 for number in range(24 * 35)}
    last = START + timedelta(days=36)
    hours |= {START + timedelta(days=35, hours=number): 1 for number in range(24)}
    arrivals = Arrivals(hours, last, last + timedelta(hours=2), CYCLE)
    assert judge(arrivals, last + timedelta(hours=2)).outcome is Outcome.MISS
    busy = Arrivals(
        {**hours, **dict.fromkeys(list(hours)[-24:], 10)}, last, last + timedelta(hours=1, minutes=30), CYCLE
    )
    assert judge(busy, last + timedelta(hours=2)).outcome is Outcome.HIT


def test_a_sale_day_does_not_raise_what_is_expected() -> None:
    flat = {START + timedelta(hours=number): 4 for number in range(24 * 35)}
    sale = flat | {START + timedelta(days=14, hours=number): 400 for number in range(24)}
    last = START + timedelta(days=35)  # the weekday of the sale
    plain, lifted = (Arrivals(one, last, last + timedelta(hours=2), CYCLE) for one in (flat, sale))
    assert plain.usual(last, last + timedelta(hours=2)) == pytest.approx(8)
    assert lifted.usual(last, last + timedelta(hours=2)) == pytest.approx(8), "as an ordinary day"


def test_nothing_is_said_before_four_weeks_are_known() -> None:
    hours = {START + timedelta(hours=number): 50 for number in range(24 * 27)}
    last = START + timedelta(days=27)
    now = last + timedelta(hours=5)
    assert judge(Arrivals(hours, last, now, CYCLE), now).outcome is Outcome.UNKNOWN
    assert judge(Arrivals({}, last, now, CYCLE), now).outcome is Outcome.UNKNOWN


def test_what_was_not_read_yet_says_nothing() -> None:
    hours = {START + timedelta(hours=number): 50 for number in range(24 * 35)}
    last = START + timedelta(days=35)
    now = last + timedelta(hours=5)
    assert judge(Arrivals(hours, last, last, CYCLE), now).outcome is Outcome.MISS


@pytest.mark.parametrize(
    ("an_hour", "silence", "words"),
    [
        (72, timedelta(minutes=25), "平时这个时候每 10 分钟约 12 单，已 25 分钟没有新单"),
        (4, timedelta(hours=5), "平时这个时候每小时约 4 单，已 5 小时没有新单"),
        (0.25, timedelta(days=2), "平时这个时候每天约 6 单，已 2 天没有新单"),
    ],
)
def test_it_says_what_is_usual_and_how_long_it_has_been(an_hour: float, silence: timedelta, words: str) -> None:
    hours = {START + timedelta(hours=number): round(an_hour * 4) for number in range(0, 24 * 35, 1)}
    hours = {hour: orders if an_hour < 1 and number % 4 == 0 else 0 if an_hour < 1 else round(an_hour)
             for number, (hour, orders) in enumerate(hours.items())}  # fmt: skip
    last = START + timedelta(days=35)
    verdict = judge(Arrivals(hours, last, last + silence, CYCLE), last + silence)
    assert verdict.outcome is Outcome.HIT
    assert verdict.reason == words
    assert verdict.mark == last.isoformat()
    assert exp(-float(verdict.evidence["expected"])) < 1 / 1000


@pytest.mark.parametrize(
    ("weeks", "hour", "silence", "worth"),
    [
        (5, 12, timedelta(minutes=10), True),  # eight orders are usual
        (5, 12, timedelta(minutes=1), True),
        (5, 4, timedelta(minutes=10), False),  # none are
        (5, 4, timedelta(hours=2), True),
        (1, 12, timedelta(minutes=10), True),  # nothing better is known
        (1, 12, timedelta(minutes=5), False),
        (1, 4, timedelta(minutes=10), False),
        (1, 4, timedelta(hours=2), True),
    ],
)
def test_a_platform_is_asked_where_orders_are_usual_and_by_day_where_nothing_is_known(
    weeks: int, hour: int, silence: timedelta, worth: bool
) -> None:
    hours = {START + timedelta(days=day, hours=number): 50 for day in range(weeks * 7) for number in range(8, 24)}
    now = START + timedelta(weeks=weeks, hours=hour)
    arrivals = Arrivals(hours, now - silence, now, CYCLE)
    assert worth_asking(arrivals, now - silence) == worth
