"""An order as it really is, before a platform shows its own side of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sandbox.world_goods import Sku
from sandbox.world_people import Address, Buyer


class Status(StrEnum):
    UNPAID = "unpaid"
    DEPOSIT = "deposit"  # deposit paid, balance not
    GROUPING = "grouping"  # paid, waiting for the group to fill
    TO_SHIP = "to_ship"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DONE = "done"
    CANCELLED = "cancelled"


class Refund(StrEnum):
    NONE = "none"
    ASKED = "asked"
    PAID = "paid"
    CLOSED = "closed"


OPEN = frozenset({Status.TO_SHIP, Status.PART_SHIPPED})
GONE = frozenset({Status.SHIPPED, Status.DONE})
BEFORE_PAYMENT = frozenset({Status.UNPAID, Status.DEPOSIT, Status.GROUPING})


@dataclass(slots=True)
class Line:
    id: str
    sku: Sku
    quantity: int
    price_fen: int
    refund: Refund = Refund.NONE
    shipped_at: datetime | None = None
    company: str = ""
    waybill: str = ""

    @property
    def total_fen(self) -> int:
        return self.price_fen * self.quantity


@dataclass(slots=True)
class Order:
    id: str
    platform: str
    kind: str
    buyer: Buyer
    address: Address
    lines: list[Line]
    created_at: datetime
    modified_at: datetime
    status: Status = Status.TO_SHIP
    paid_at: datetime | None = None
    confirmed_at: datetime | None = None
    shipped_at: datetime | None = None
    ended_at: datetime | None = None
    promise_at: datetime | None = None  # the platform's ship-by
    promise_words: str = ""  # a ship-by that is only words (Taobao)
    not_before: datetime | None = None  # presale: may ship from here
    urged_at: datetime | None = None
    address_changed_at: datetime | None = None
    discount_fen: int = 0
    post_fen: int = 0
    deposit_fen: int = 0
    buyer_message: str = ""
    memo: str = ""
    flag: int = 0
    trade_type: str = "fixed"  # Taobao only
    parent_id: str = ""  # JD only: the order this one was split from
    after_sales: int = 0  # PDD's after_sales_status; Douyin shows it in its own numbers
    after_sale_at: datetime | None = None  # when the refund, exchange or reship changed last
    hold: bool = False  # the platform forbids shipping for now
    risk: bool = False  # PDD, Douyin: under review
    lottery: bool = False  # PDD, Douyin

    @property
    def total_fen(self) -> int:
        return sum(line.total_fen for line in self.lines)

    @property
    def paid_fen(self) -> int:
        return self.total_fen - self.discount_fen + self.post_fen

    @property
    def refunding(self) -> bool:
        return any(line.refund is Refund.ASKED for line in self.lines)

    @property
    def refunded(self) -> bool:
        return all(line.refund is Refund.PAID for line in self.lines)

    @property
    def company(self) -> str:
        return next((line.company for line in self.lines if line.company), "")

    @property
    def waybill(self) -> str:
        return next((line.waybill for line in self.lines if line.waybill), "")

    def share_fen(self) -> list[tuple[int, int]]:
        """Per line (paid, discount), adding up exactly to the order's; the last line carries what rounding leaves."""
        total = self.total_fen or 1
        discounts = [self.discount_fen * line.total_fen // total for line in self.lines]
        discounts[-1] += self.discount_fen - sum(discounts)
        return [(line.total_fen - off, off) for line, off in zip(self.lines, discounts, strict=True)]
