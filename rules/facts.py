"""What rules may look at: one order as plain values. Receiver data comes only as far as rules need to see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from models.stages import Stage

MOST_WORDS: Final = 1000
"""Letters of a message or a memo that rules read."""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """`on_hand` is what lies there and nobody outside the hub holds, None where the stock table does not know the SKU;
    `waiting_ahead` is what orders that came before this one still need of it; `incoming` is ordered, not here yet.
    `parting`: "later" leaves after the order's other lines, "refund" waits for its refund; `swapped_from`: what the
    platform sold, where other goods leave for it."""

    sku: str
    title: str
    quantity: int
    refund: str = ""
    shipped: bool = False
    on_hand: int | None = None
    waiting_ahead: int = 0
    platform_sku: str = ""
    incoming: int = 0
    incoming_at: datetime | None = None
    spec: str = ""
    price_fen: int = 0
    paid_fen: int = 0
    parting: str = ""
    swapped_from: str = ""


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """`state`: as models.parcel.STATES. `heard`: the courier interface has told of it at least once, be it that it
    knows nothing yet. `last_text` is safe to show."""

    courier: str  # as people call it
    waybill: str
    state: str
    shipped_at: datetime
    first_scan_at: datetime | None = None
    last_event_at: datetime | None = None
    last_text: str = ""
    heard: bool = False
    closed: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ParcelLimits:
    """How long a parcel may wait for its first scan (with warnings before), and lie still."""

    scan: timedelta
    stuck: timedelta
    warnings: tuple[timedelta, ...] = ()


@dataclass(frozen=True, slots=True)
class Checks:
    """What the company itself sets; 0 and empty: not checked. `floors`: SKU → fen apiece. `urgent`, `danger`: how long
    before the platform's deadline people are told, and told again. `refund_orders`: from so many earlier orders of a
    buyer on it counts that `refund_percent` of them came back. `many_orders`: of one source within an hour."""

    finance_over_fen: int = 0
    discount_percent: int = 0
    floors: Mapping[str, int] = field(default_factory=dict)
    stopped_regions: tuple[str, ...] = ()
    urgent: timedelta = timedelta(hours=4)
    danger: timedelta = timedelta(hours=1)
    refund_orders: int = 0
    refund_percent: int = 100
    many_orders: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list of buyers who are not trusted that this order's buyer or receiver stands in."""

    entry: int
    words: str


@dataclass(frozen=True, slots=True)
class History:
    """What came before from the same source, by the platform's id of the buyer, else by the phone: orders of the last
    half year, how many of them were refunded, and how many came within the hour before this one."""

    bought: int = 0
    refunded: int = 0
    lately: int = 0
    by_phone: bool = False


@dataclass(frozen=True, slots=True)
class Twin:
    """An order for the same door with goods of this one, so many minutes apart, open or on its way."""

    order_id: int
    tag: str
    goods: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Audited:
    """The order as it was when it was approved; `goods`: platform SKU, else the merchant's → pieces."""

    message: str
    memo: str
    receiver_key: str
    goods: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """`address_seen` is the part of the detailed address that can be read here: plain text, or what a platform's mask
    leaves; `address_whole` tells that nothing of it is hidden. `stage_limit` is None where a stage has no clock.
    `shelf`: "" where nobody keeps the stock of anything, "part", or "whole" where every SKU that is sold stands in it.
    `kind`: as ingest.snapshot.Kind. `name_known`, `phone_known`, `address_known` (the detail): whether there is one at
    all, be it hidden by a mask; None where the platform does not say. `noted`: what people wrote into the memo from
    here. `marks`: tags that rules set. `custom`: the company's own fields by their names, typed. `promised`: how the
    platform promised to ship it; `urged_at`: when the buyer asked for it there. `listing_blind`: there is a list of
    buyers who are not trusted, and the order hides what some of it are known by.
    """

    order_id: int
    stage: Stage
    stage_entered_at: datetime
    created_at: datetime
    lines: tuple[LineFacts, ...]
    stage_limit: timedelta | None = None
    ship_by_at: datetime | None = None
    not_before_at: datetime | None = None
    hold: str = ""
    refund: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    address_seen: str = ""
    address_whole: bool = False
    address_known: bool | None = None
    buyer_message: str = ""
    seller_memo: str = ""
    shelf: str = ""
    parcels: tuple[ParcelFacts, ...] = ()
    parcel_limits: ParcelLimits | None = None
    platform: str = ""
    shop: str = ""
    tag: str = ""
    kind: str = "normal"
    effect: str = ""
    platform_status: str = ""
    paid_at: datetime | None = None
    paid_fen: int = 0
    goods_fen: int = 0
    post_fen: int = 0
    discount_fen: int = 0
    buyer_key: str = ""
    receiver_key: str = ""
    seller_flag: int = 0
    shipped_at: datetime | None = None
    waybill: str = ""
    courier: str = ""
    promised: str = ""
    urged_at: datetime | None = None
    name_known: bool | None = None
    phone_known: bool | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)
    checks: Checks = field(default_factory=Checks)
    audited: Audited | None = None
    noted: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    listed: tuple[Listed, ...] = ()
    listing_blind: bool = False
    history: History = field(default_factory=History)
    twin: Twin | None = None
