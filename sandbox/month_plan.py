"""The plan of a month, from a seed: when orders come, and what goes wrong with which of them, and when."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sandbox import month_days
from sandbox.month_goods import GIVEN_UP, SHORT, UNMAPPED
from sandbox.month_stories import DEALT, Story
from sandbox.world_goods import PDD, sold_on
from sandbox.world_people import Buyer

SHARE = 0.04
"""Of the orders something goes wrong with so many: what shops tell of an ordinary month."""
LEAST = 2
"""Times that each story is told at the least."""
BOUND = 0.3
"""The share of the buyers with a story who follow the shop's account."""
_QUIET_DAYS = 4  # at the end: what was planted has its end within the month
_FIRST, _LAST = 9, 19  # a story begins while people are there
_GOODS = {"run_out": SHORT, "given_up": GIVEN_UP, "unknown_goods": UNMAPPED}
_ROUND = 6  # days after which the same goods run out anew


@dataclass(slots=True)
class Planted:
    """One thing that goes wrong. `orders`: the platforms' numbers, as they come; the first is the one that it is about.
    `sku`: where goods are what it is about. `buyer`: who bought the first. `until`: when the same begins anew. `tags`:
    what the orders are called here, once somebody has said so."""

    story: Story
    platform: str
    at: datetime
    bound: bool
    orders: list[str] = field(default_factory=list)
    sku: str = ""
    happened: set[str] = field(default_factory=set)
    buyer: Buyer | None = None
    openid: str = ""
    until: datetime | None = None
    tags: list[str] = field(default_factory=list)

    @property
    def taken(self) -> bool:
        return "taken" in self.happened


@dataclass(frozen=True, slots=True)
class Plan:
    """`clean`: when orders come of which nothing is to be found. `planted`: the truth, by time."""

    seed: int
    start: datetime
    days: int
    clean: tuple[datetime, ...]
    planted: tuple[Planted, ...]

    @property
    def orders(self) -> int:
        return len(self.clean) + sum(one.story.orders for one in self.planted)


def plan(  # what there is to say of a month
    seed: int,
    orders: int,
    start: datetime,
    *,
    days: int = month_days.DAYS,
    stories: Sequence[Story] = DEALT,
) -> Plan:
    """`start`: a midnight in Beijing. `orders`: how many in all, about."""
    rng = random.Random(f"{seed}/month")
    dealt = [one for one in stories if one.weight]
    count = max(int(orders * SHARE), LEAST * len(dealt))
    planted = [_planted(rng, story, (start, days)) for story in _deal(rng, dealt, count)]
    for story in [one for one in stories if not one.weight]:
        planted += _STAGED.get(story.of, _staged)(rng, story, (start, days))
    planted.sort(key=lambda one: one.at)
    _part(planted)
    clean = month_days.moments(rng, max(orders - sum(one.story.orders for one in planted), 0), start, days=days)
    return Plan(seed, start, days, tuple(clean), tuple(planted))


def _part(planted: Sequence[Planted]) -> None:
    """What is about the same goods ends, for whoever judges, where it begins anew."""
    later: dict[tuple[str, str, str], datetime] = {}
    for one in reversed(planted):
        if one.sku or one.story.of == "hub":
            key = (one.story.name, one.platform, one.sku)
            one.until = later.get(key)
            later[key] = one.at


def _deal(rng: random.Random, stories: Sequence[Story], count: int) -> list[Story]:
    """Each at the least so often, the rest by weight."""
    dealt = [story for story in stories for _ in range(LEAST)]
    return dealt + rng.choices(stories, [one.weight for one in stories], k=count - len(dealt)) if stories else []


def _planted(rng: random.Random, story: Story, when: tuple[datetime, int]) -> Planted:
    start, days = when
    day = rng.randrange(max(days - _QUIET_DAYS, 1))
    at = month_days.moment_on(rng, start, day, range(_FIRST, _LAST))
    platform = rng.choice(story.platforms)
    bound = rng.random() < BOUND and platform != PDD  # Pinduoduo shows no digit by which a buyer could be known
    return Planted(story, platform, at, bound)


def _staged(rng: random.Random, story: Story, when: tuple[datetime, int]) -> Iterator[Planted]:
    """What has its goods: one after the other, so that each shortness ends before the next of the same goods; of goods
    that nobody knows each shop has its own."""
    start, days = when
    everywhere = story.name == "unknown_goods"
    rounds = 1 if everywhere else max((days - _QUIET_DAYS) // _ROUND, 1)
    for sku in _GOODS[story.name]:
        shops = [one for one in story.platforms if sku in {each.code for each in sold_on(one)}]
        for turn in range(rounds):
            for platform in shops if everywhere else shops[:1]:
                day = min(turn * _ROUND + rng.randrange(2), max(days - _QUIET_DAYS - 1, 0))
                at = month_days.moment_on(rng, start, day, range(_FIRST, 15))
                yield Planted(story, platform, at, platform != PDD and rng.random() < BOUND, sku=sku)


def _outages(rng: random.Random, story: Story, when: tuple[datetime, int]) -> Iterator[Planted]:
    """One platform after the other, when nothing else begins any more: what an interface that is away hides is seen
    late or never, and that is nobody's fault."""
    start, days = when
    for place, platform in enumerate(story.platforms, start=2):
        at = month_days.moment_on(rng, start, max(days - place, 0), range(_FIRST, 13))
        yield Planted(story, platform, at, bound=False)


def _forgotten(rng: random.Random, story: Story, when: tuple[datetime, int]) -> Iterator[Planted]:
    """Many at once, a day apart, when no single order is forgotten any more: it would be one of them."""
    start, days = when
    for place in (3, 2):
        at = month_days.moment_on(rng, start, max(days - place, 0), range(_FIRST, 11))
        yield Planted(story, rng.choice(story.platforms), at, bound=False)


_STAGED = {"hub": _outages, "stage": _forgotten}
