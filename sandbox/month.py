"""A month of a company's shops, from a seed: orders as they come, what goes wrong with some of them, and the list of
what must become of it. Whoever lives through the month tells how far its people are (`reached`, `taken`)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox import month_days, month_people
from sandbox.company_customers import Customer
from sandbox.kuaidi100 import couriers_of
from sandbox.month_stories import DEALT, FLOORED, LASTS, SHORT, STORIES, UNMAPPED, Moment, Story
from sandbox.phones import phones_of
from sandbox.state import State
from sandbox.world import World
from sandbox.world_goods import JD, PDD, TAOBAO, sold_on
from sandbox.world_order import Order
from sandbox.world_people import Buyer

SHARE = 0.04
"""Of the orders something goes wrong with so many: what shops tell of an ordinary month."""
LEAST = 2
"""Times that each story is told at the least."""
BOUND = 0.3
"""The share of the buyers with a story who follow the shop's account."""
REPEATED = 0.05
_SHARES = {TAOBAO: 40, PDD: 35, JD: 25}
_QUIET_DAYS = 4  # at the end: what was planted has its end within the month
_FIRST, _LAST = 9, 19  # a story begins while people are there


@dataclass(slots=True)
class Planted:
    """One thing that goes wrong. `orders`: the platforms' numbers, as they come; the first is the one that it is about.
    `sku`: where goods are what it is about. `until`: when the same begins anew. `tags`: what the orders are called
    here, once somebody has said so."""

    story: Story
    platform: str
    at: datetime
    bound: bool
    orders: list[str] = field(default_factory=list)
    sku: str = ""
    happened: set[str] = field(default_factory=set)
    openid: str = ""
    until: datetime | None = None
    tags: list[str] = field(default_factory=list)

    @property
    def taken(self) -> bool:
        return "taken" in self.happened


@dataclass(frozen=True, slots=True)
class Happening:
    """What a story's turn works with."""

    month: Month
    planted: Planted
    order: str

    @property
    def world(self) -> World:
        return self.month.state.world

    @property
    def rng(self) -> random.Random:
        return self.month.rng


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
        staged = _outages if story.of == "hub" else _staged
        planted += staged(rng, story, (start, days))
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
    """What has its goods: one after the other, so that each shortness ends before the next of the same goods."""
    start, days = when
    rounds = max((days - _QUIET_DAYS) // 6, 1) if story.name == "run_out" else 1
    for sku in SHORT if story.name == "run_out" else UNMAPPED:
        for turn in range(rounds):
            shops = [one for one in story.platforms if sku in {each.code for each in sold_on(one)}]
            for platform in shops[:1] if story.name == "run_out" else shops:
                day = min(turn * 6 + rng.randrange(2), max(days - _QUIET_DAYS - 1, 0))
                at = month_days.moment_on(rng, start, day, range(_FIRST, 15))
                yield Planted(story, platform, at, platform != PDD and rng.random() < BOUND, sku=sku)


def _outages(rng: random.Random, story: Story, when: tuple[datetime, int]) -> Iterator[Planted]:
    """One platform after the other, when nothing else begins any more: what an interface that is away hides is seen
    late or never, and that is nobody's fault."""
    start, days = when
    for place, platform in enumerate(story.platforms, start=2):
        at = month_days.moment_on(rng, start, max(days - place, 0), range(_FIRST, 13))
        yield Planted(story, platform, at, bound=False)


class Month:
    """Lives through a plan in a running sandbox."""

    def __init__(self, state: State, made: Plan) -> None:
        self.state, self.plan = state, made
        self.rng = random.Random(f"{made.seed}/living")
        self.of: dict[str, Planted] = {}
        """The platform's number → what is planted there; whoever is not in it is clean."""
        self.waybills: dict[str, str] = {}
        self._regulars: list[tuple[datetime, Buyer]] = []
        self._goods = {one: _clean_goods(one) for one in _SHARES}
        self._customers = 0

    def begin(self) -> None:
        for at in self.plan.clean:
            self.state.world.later(at, self._come)
        for planted in self.plan.planted:
            self.state.world.later(planted.at, lambda one=planted: self._plant(one))  # type: ignore[misc]

    # orders

    def _come(self) -> None:
        (platform,) = self.rng.choices(list(_SHARES), list(_SHARES.values()))
        self._order(platform, self._somebody(), {"buyer_message": month_people.words(self.rng)})

    def _somebody(self) -> Buyer:
        """Now and then somebody who was there days ago."""
        old = self.state.world.moment() - timedelta(days=7)
        if self._regulars and self._regulars[0][0] < old and self.rng.random() < REPEATED:
            return self._regulars.pop(0)[1]
        made = month_people.buyer(self.rng, f"m{self.rng.getrandbits(48):x}")
        self._regulars.append((self.state.world.moment(), made))
        return made

    def _order(self, platform: str, buyer: Buyer, wishes: dict[str, Any]) -> Order:
        if not wishes.keys() & {"sku", "lines"}:
            wishes = {"lines": self._basket(platform)} | wishes
        if (left := wishes.pop("promise_in", None)) is not None:
            wishes["promise_at"] = self.state.world.moment() + left
        return self.state.world.add_order(platform, buyer=buyer, **wishes)

    def _basket(self, platform: str) -> list[tuple[str, int]]:
        goods = self.rng.sample(self._goods[platform], self.rng.choice((1, 1, 1, 1, 2, 3)))
        return [(one, self.rng.choice((1, 1, 1, 2))) for one in goods]

    def _plant(self, planted: Planted) -> None:
        story, world = planted.story, self.state.world
        if story.begins is not None:
            story.begins(self.state, planted.platform)
        if story.ends is not None:
            world.later(world.moment() + LASTS, lambda: story.ends and story.ends(self.state, planted.platform))
        if story.orders:
            self._buy(planted)

    def _buy(self, planted: Planted) -> None:
        buyer = month_people.buyer(self.rng, f"p{self.rng.getrandbits(48):x}")
        for turn in range(planted.story.orders):
            wishes = planted.story.wishes(self.rng, planted.platform)
            if planted.sku:
                wishes["sku"] = planted.sku
            if planted.story.name == "two_orders":
                wishes["lines"] = [(self._goods[planted.platform][turn], 1)]
            order = self._order(planted.platform, buyer, wishes)
            planted.orders.append(order.id)
            self.of[order.id] = planted
            if planted.story.name == "gift":
                order.lines[1].price_fen = 0  # as platforms show what comes along
        if planted.bound:
            planted.openid = self._follower(buyer)

    def _follower(self, buyer: Buyer) -> str:
        """The buyer follows the account: a phone of their own in the sandbox."""
        self._customers += 1
        number = self._customers
        openid = f"oMonth{self.plan.seed % 10**8:08d}{number:014d}"
        one = Customer(openid, buyer.name, f"oMini{number:023d}", f"wmMONTH{number:017d}", buyer.phone)
        phones_of(self.state).store.customers[openid] = one
        return openid

    # what people here do

    def reached(self, order: str, moment: Moment) -> None:
        """The order stands there now, or somebody took its matter up: what hangs on that happens, once."""
        planted = self.of.get(order)
        if planted is None or moment in planted.happened:
            return
        planted.happened.add(moment)
        turn = planted.story.then.get(moment)
        if turn is not None:
            turn(Happening(self, planted, order))

    def is_over(self, order: str) -> bool:
        """Whether nothing more hangs on how far the order is."""
        planted = self.of[order]
        return not (planted.story.then.keys() | planted.story.says.keys() | {"pulled"}) - {"taken"} - planted.happened

    def is_kept(self, order: str) -> bool:
        """Whether people forget this order for now."""
        planted = self.of.get(order)
        return planted is not None and bool(planted.story.keep) and not planted.taken

    def down(self) -> list[str]:
        """Platforms whose interface is away at this moment."""
        now = self.state.world.moment()
        staged = [one for one in self.plan.planted if one.story.begins is not None]
        return [one.platform for one in staged if one.at <= now < one.at + LASTS]

    # parcels

    def left(self, order: str, waybill: str) -> None:
        """The parcel is with the courier, who scans it as couriers do, or does not."""
        self.waybills[order] = waybill
        story = self.of[order].story.name if order in self.of else ""
        first = timedelta(hours=self.rng.randint(3, 9))
        if story == "no_scan":
            return
        if story in ("stuck", "refund_way"):
            self.scan_later(order, first, "【网点】已揽收", "1")
        elif story == "undelivered":
            self.scan_later(order, first, "【网点】已揽收", "1")
            self.scan_later(order, first + timedelta(hours=20), "派送失败，收件人电话联系不上", "0")
        else:
            self.scan_later(order, first, "【网点】已揽收", "1")
            self.scan_later(order, first + timedelta(hours=self.rng.randint(24, 40)), "已签收，签收人：本人", "3")

    def scan(self, order: str, text: str, state: str) -> None:
        couriers_of(self.state).scan(self.waybills[order], text, state)

    def scan_later(self, order: str, after: timedelta, text: str, state: str) -> None:
        world = self.state.world
        world.later(world.moment() + after, lambda: self.scan(order, text, state))


def _clean_goods(platform: str) -> list[str]:
    apart = {*SHORT, *UNMAPPED, FLOORED}
    return [one.code for one in sold_on(platform) if one.code not in apart]


__all__ = ["STORIES", "Happening", "Month", "Plan", "Planted", "plan"]
