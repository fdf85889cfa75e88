"""What every marketplace's record becomes: one `OrderSnapshot`. Only `parse.py` of a marketplace makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.vault import Receiver


class Effect(StrEnum):
    """What a platform state means for the hub (reference: status map). Holding is told apart, in `hold`."""

    UNPAID = "unpaid"
    ADMIT = "admit"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """Special order types. The slug is stored, so a new kind needs no migration."""

    NORMAL = "normal"
    PRESALE = "presale"  # 预售
    RESHIP = "reship"  # 补发
    EXCHANGE = "exchange"  # 换货
    COD = "cod"  # 货到付款
    VIRTUAL = "virtual"
    PICKUP = "pickup"  # 门店自提
    GIFT = "gift"
    LOTTERY = "lottery"
    PRICE_DIFFERENCE = "price_difference"  # 补差价
    REPAIR = "repair"  # 售后维修
    DISTRIBUTION = "distribution"  # 分销, 代发
    OVERSEAS = "overseas"  # 直邮
    PERHAPS_RESHIP = "perhaps_reship"  # words only: a person confirms
    PERHAPS_EXCHANGE = "perhaps_exchange"


@dataclass(frozen=True, slots=True)
class LineSnapshot:
    """`line_key` is unique in its order: the platform's line id, else "<position>-<platform sku>"."""

    line_key: str
    sku: str
    platform_sku: str
    title: str
    quantity: int
    price_fen: int
    paid_fen: int
    spec: str = ""
    refund: str = ""  # "", asked, refunded, refused
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """One order as a platform shows it at `modified_at`. Times are aware; money is integer fen."""

    external_id: str
    effect: Effect
    platform_status: str  # Chinese, shown to people
    created_at: datetime
    modified_at: datetime
    lines: tuple[LineSnapshot, ...]
    paid_fen: int
    goods_fen: int = 0
    post_fen: int = 0
    discount_fen: int = 0
    paid_at: datetime | None = None
    ship_by_at: datetime | None = None
    not_before_at: datetime | None = None
    shipped_at: datetime | None = None
    kind: Kind = Kind.NORMAL
    kind_evidence: str = ""  # Chinese, shown to people
    original_id: str | None = None
    hold: str = ""  # Chinese reason why the platform forbids shipping now
    refund: str = ""  # "", asked, part, refunded
    buyer_key: str = ""
    buyer_message: str | None = None  # None: this source cannot tell; what is stored stays
    seller_memo: str | None = None
    seller_flag: int = 0
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    receiver: Receiver = field(default_factory=Receiver)  # empty: what is stored stays
    receiver_key: str = ""
    waybill: str = ""
    courier: str = ""
    after_sale: str = ""  # why the buyer asks for something after it arrived, in the platform's words
    promised: str = ""  # Chinese: how the platform promised to ship it
    urged_at: datetime | None = None  # when the buyer pressed 催发货 there


class Unreadable(Exception):
    """A record that cannot become a snapshot. The text says why, in Chinese; it is kept with the raw record."""
