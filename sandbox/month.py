"""A month of a company's shops, from a seed: orders as they come, what goes wrong with some of them, and the list of
what must become of it. Whoever lives through the month tells how far its people are (`reached`, `taken`)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox import month_papers, month_people
from sandbox.company_customers import Customer
from sandbox.kuaidi100 import couriers_of
from sandbox.month_goods import APART
from sandbox.month_plan import LEAST, Plan, Planted, plan
from sandbox.month_stories import LASTS, STORIES, Moment
from sandbox.phones import phones_of
from sandbox.state import State
from sandbox.world import World
from sandbox.world_goods import JD, PDD, TAOBAO, sold_on
from sandbox.world_order import Order
from sandbox.world_people import Buyer

REPEATED = 0.05
_SIBLINGS = ("two_orders", "parted")
"""Stories of one buyer with two orders of different goods."""
_SHARES = {TAOBAO: 40, PDD: 35, JD: 25}


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


class Month:
    """Lives through a plan in a running sandbox."""

    def __init__(self, state: State, made: Plan) -> None:
        self.state, self.plan = state, made
        self.rng = random.Random(f"{made.seed}/living")
        self.of: dict[str, Planted] = {}
        """The platform's number → what is planted there; whoever is not in it is clean."""
        self.waybills: dict[str, str] = {}
        self.at_home: set[str] = set()
        """Orders whose parcel was signed for."""
        self.papers: list[month_papers.Row] = []
        """Orders that a colleague has on paper, and hands in."""
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
        if story.on_paper:
            self._write_down(planted)
        elif story.orders:
            self._buy(planted)

    def _write_down(self, planted: Planted) -> None:
        sku = self.rng.choice([one for one in sold_on(planted.platform) if one.code not in APART])
        buyer = month_people.buyer(self.rng, f"p{self.rng.getrandbits(48):x}")
        row = month_papers.made_up(self.rng, buyer, (sku.title, sku.code), self.state.world.moment())
        self.papers.append({**row, **planted.story.wishes(self.rng, planted.platform)})
        self.joined(str(row["订单号"]), planted)

    def _buy(self, planted: Planted) -> None:
        story = planted.story
        for turn in range(story.orders):
            if planted.buyer is None or story.of == "stage":  # what lies about is of different people
                planted.buyer = month_people.buyer(self.rng, f"p{self.rng.getrandbits(48):x}")
            wishes = story.wishes(self.rng, planted.platform)
            if planted.sku:
                wishes["sku"] = planted.sku
            if story.name in _SIBLINGS:
                wishes["lines"] = [(self._goods[planted.platform][turn], 1)]
            order = self._bought(planted, wishes)
            if story.name == "gift":
                order.lines[1].price_fen = 0  # as platforms show what comes along
        if planted.bound and planted.buyer is not None:
            planted.openid = self._follower(planted.buyer)

    def _bought(self, planted: Planted, wishes: dict[str, Any]) -> Order:
        assert planted.buyer is not None
        order = self._order(planted.platform, planted.buyer, wishes)
        self.joined(order.id, planted)
        return order

    def buy_again(self, planted: Planted) -> None:
        """The same buyer, of whatever the shop sells."""
        self._bought(planted, {})

    def joined(self, order: str, planted: Planted) -> None:
        """Another order that is part of what was planted: bought, or made here to mend the first."""
        if order not in planted.orders:
            planted.orders.append(order)
        self.of[order] = planted

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
            home = first + timedelta(hours=self.rng.randint(24, 40))
            self.scan_later(order, first, "【网点】已揽收", "1")
            self.scan_later(order, home, "已签收，签收人：本人", "3")
            self.state.world.later(self.state.world.moment() + home, lambda: self.at_home.add(order))

    def scan(self, order: str, text: str, state: str) -> None:
        couriers_of(self.state).scan(self.waybills[order], text, state)

    def scan_later(self, order: str, after: timedelta, text: str, state: str) -> None:
        world = self.state.world
        world.later(world.moment() + after, lambda: self.scan(order, text, state))


def _clean_goods(platform: str) -> list[str]:
    return [one.code for one in sold_on(platform) if one.code not in APART]


__all__ = ["LEAST", "STORIES", "Happening", "Month", "Plan", "Planted", "plan"]
