"""Makes orders and changes them: ids in each platform's format, goods, money, payment."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import BEIJING
from sandbox.world_goods import DOUYIN, GOODS, JD, PDD, TAOBAO, WECOM_PAY, WXSHOP, Sku, sold_on
from sandbox.world_order import BEFORE_PAYMENT, Line, Order, Status
from sandbox.world_people import Address, Buyer, buyer_from, buyer_named, digits_of

ADDRESS_PARTS = frozenset(field.name for field in fields(Address))
GOODS_PARTS = frozenset({"sku", "quantity", "lines", "price_fen"})
FIXED_PARTS = frozenset({"id", "platform", "kind", "buyer", "address", "modified_at"})
ORDER_PARTS = frozenset(field.name for field in fields(Order)) - FIXED_PARTS - GOODS_PARTS

# What moves "modified" on every platform; on these nothing else does.
STATE_PARTS = frozenset({"status", "hold", "risk", "shipped_at", "ended_at", "paid_at"})
QUIET = frozenset({JD, DOUYIN, WXSHOP, WECOM_PAY})

PROMISE = timedelta(hours=48)


class Maker:
    """Numbers of orders added by hand come from another range, so that they never move those of the scripted day."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._scripted = 0
        self._by_hand = 500_000
        self._twins = 800_000

    def order(self, platform: str, kind: str, at: datetime, rng: random.Random) -> Order:
        self._scripted += 1
        buyer = buyer_from(rng, f"b{self._scripted}")
        lines = [(rng.choice(sold_on(platform)), _some(rng))]
        return self._build(platform, kind, at, buyer=buyer, goods=lines, number=self._scripted, rng=rng)

    def by_hand(
        self, platform: str, kind: str, at: datetime, *, buyer: str | Buyer | None, overrides: Mapping[str, object]
    ) -> tuple[Order, random.Random]:
        unknown = overrides.keys() - ADDRESS_PARTS - GOODS_PARTS - ORDER_PARTS
        if unknown:
            raise ValueError(f"an order has no {', '.join(sorted(unknown))}")
        wanted = _lines_asked(platform, overrides)
        self._by_hand += 1
        rng = random.Random(f"{self._seed}/hand/{self._by_hand}")
        if not isinstance(buyer, Buyer):
            buyer = buyer_from(rng, f"h{self._by_hand}") if buyer is None else buyer_named(buyer, self._seed)
        order = self._build(platform, kind, at, buyer=buyer, goods=wanted, number=self._by_hand, rng=rng)
        if "price_fen" in overrides:
            order.lines[0].price_fen = int(str(overrides["price_fen"]))
        order.discount_fen = min(order.discount_fen, order.total_fen)
        return order, rng

    @staticmethod
    def fields_only(overrides: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in overrides.items() if name not in GOODS_PARTS}

    def twin_id(self, platform: str, at: datetime) -> str:
        self._twins += 1
        return order_id(platform, self._twins, at)

    def _build(
        self,
        platform: str,
        kind: str,
        at: datetime,
        *,
        buyer: Buyer,
        goods: list[tuple[Sku, int]],
        number: int,
        rng: random.Random,
    ) -> Order:
        identity = order_id(platform, number, at)
        order = Order(
            id=identity,
            platform=platform,
            kind=kind,
            buyer=buyer,
            address=buyer.address,
            lines=[
                Line(line_id(platform, identity, index, len(goods)), sku, count, sku.price_fen)
                for index, (sku, count) in enumerate(goods)
            ],
            created_at=at - timedelta(seconds=rng.randint(30, 90)),
            modified_at=at,
            paid_at=at - timedelta(seconds=rng.randint(5, 25)),
            confirmed_at=at,
        )
        order.discount_fen = rng.choice((0, 0, 0, 500, 1000, 2000)) if order.total_fen > 4000 else 0
        order.promise_at = at + PROMISE
        if platform == WECOM_PAY:  # the payment is the order
            order.created_at = order.paid_at = at
        return order


def order_id(platform: str, number: int, at: datetime) -> str:
    """Taobao, Douyin and WeChat Shop: 19 digits, JD: 12, PDD: the Beijing day and 15, WeChat Pay: 28 with the day."""
    if platform == TAOBAO:
        return str(
            2_607_000_000_000_000_000 + number * 1_000_000_000 + int(digits_of("tid", str(number), count=8)) * 10
        )
    if platform == JD:
        return str(301_000_000_000 + number * 1_000 + int(digits_of("jd", str(number), count=3)))
    if platform == PDD:
        return f"{at.astimezone(BEIJING):%y%m%d}-{number:07d}{digits_of('pdd', str(number), count=8):0>8}"
    if platform == DOUYIN:
        return str(6_900_000_000_000_000_000 + number * 1_000_000_000 + int(digits_of("dy", str(number), count=8)) * 10)
    if platform == WXSHOP:
        return str(3_720_000_000_000_000_000 + number * 1_000_000_000 + int(digits_of("wx", str(number), count=8)))
    if platform == WECOM_PAY:
        day = f"{at.astimezone(BEIJING):%Y%m%d}"
        return f"4200002{int(digits_of('mch', 'pay', count=3)):03d}{day}{number % 10**10:010d}"
    raise ValueError(f"unknown platform {platform}")


def line_id(platform: str, identity: str, index: int, count: int) -> str:
    """Taobao numbers its lines, and gives the single line of an order the order's own number; Douyin never does."""
    if platform == DOUYIN:
        return str(int(identity) + index + 1)
    if platform == TAOBAO:
        return identity if count == 1 else str(int(identity) + index + 1)
    return f"{identity}/{index + 1}"


def add_line(order: Order, sku: Sku, quantity: int) -> None:
    goods = [(line.sku, line.quantity) for line in order.lines] + [(sku, quantity)]
    order.lines = [
        Line(line_id(order.platform, order.id, index, len(goods)), each, count, each.price_fen)
        for index, (each, count) in enumerate(goods)
    ]


def _some(rng: random.Random) -> int:
    return rng.choice((1, 1, 1, 1, 2, 2, 3))


def _sku(code: object) -> Sku:
    if str(code) not in GOODS:
        raise ValueError(f"unknown sku {code}")
    return GOODS[str(code)]


def _lines_asked(platform: str, overrides: Mapping[str, object]) -> list[tuple[Sku, int]]:
    lines = overrides.get("lines")
    if isinstance(lines, list | tuple) and lines:
        return [(_sku(code), int(count)) for code, count in lines]
    sku = _sku(overrides["sku"]) if "sku" in overrides else sold_on(platform)[0]
    return [(sku, int(str(overrides.get("quantity", 1))))]


def change(order: Order, changes: Mapping[str, object], at: datetime) -> bool:
    """Apply the changes; True when at least one of them is a change of state."""
    unknown = changes.keys() - ADDRESS_PARTS - ORDER_PARTS - {"sku", "quantity"}
    if unknown:
        raise ValueError(f"an order has no {', '.join(sorted(unknown))}")
    moved: dict[str, Any] = {name: value for name, value in changes.items() if name in ADDRESS_PARTS}
    if moved:
        order.address = replace(order.address, **moved)
        order.address_changed_at = at
    if "sku" in changes:
        order.lines[0].sku = _sku(changes["sku"])
    if "quantity" in changes:
        order.lines[0].quantity = int(str(changes["quantity"]))
    for name in changes.keys() & ORDER_PARTS:
        setattr(order, name, _value(name, changes[name]))
    if "after_sales" in changes:
        order.after_sale_at = at
    return bool(changes.keys() & STATE_PARTS)


def _value(name: str, value: object) -> object:
    """Requests of the control page bring times as text and states as words."""
    if name == "status":
        return Status(str(value))
    if name.endswith(("_at", "not_before")) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def settle_payment(order: Order, at: datetime) -> None:
    if order.status not in BEFORE_PAYMENT:
        return
    order.status = Status.TO_SHIP
    order.paid_at = order.paid_at or at
    order.confirmed_at = at
    order.promise_at = (order.not_before or at) + PROMISE
