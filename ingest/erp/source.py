"""What the hub needs of an ERP: what lies in its warehouses, and what it made of the platforms' orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from ingest.source import Windows


class ErpState(StrEnum):
    """`GONE`: merged or split there, so that other orders of the ERP tell of it."""

    OPEN = "open"
    QUESTION = "question"  # the ERP holds it as an exception
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class StockLevel:
    """One SKU in one warehouse, "" for all together. `held`: pieces that the ERP's own orders hold of `on_hand`."""

    sku: str
    on_hand: int
    held: int = 0
    incoming: int = 0
    warehouse: str = ""


@dataclass(frozen=True, slots=True)
class StockPage:
    """`mark`: everything that changed up to there has been told by this page and those before it."""

    levels: tuple[StockLevel, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class ErpShipment:
    """One order of the ERP and how far it is. `orders`: the platform numbers in it (several when it was merged), each
    of which may stand in other orders of the ERP too (when it was split). `courier`: our slug, else the ERP's word."""

    number: str
    shop: str  # the ERP's number of the shop
    orders: tuple[str, ...]
    state: ErpState
    words: str
    modified_at: datetime
    courier: str = ""
    waybill: str = ""
    shipped_at: datetime | None = None


class Erp(Protocol):
    """One ERP account. Sister folders `ingest/erp/<kind>/` each hold one.

    `needs`: the keys of its settings that must be filled. `unreadable`: how many records could not be read so far.
    """

    kind: str
    windows: Windows  # of `shipments`
    needs: ClassVar[tuple[str, ...]]
    unreadable: int

    def measure_clock(self) -> float:
        """The ERP's time minus ours, seconds; corrects the client. Raises PlatformError."""
        ...

    def stock(self, since: str) -> Iterator[StockPage]:
        """What changed since the mark, "" for all there is; repeats are possible, losses are not. Raises
        PlatformError; pages that were told count."""
        ...

    def shipments(self, start: datetime, end: datetime) -> Iterator[list[ErpShipment]]:
        """All orders modified in the closed window, page by page, drift-safe. Raises PlatformError; nothing of an
        unfinished window counts."""
        ...

    def refresh_session(self) -> bool:
        """Renew the authorisation where the ERP allows it; False where it does not. Raises PlatformError."""
        ...

    def authorised_until(self) -> datetime | None:
        """When the authorisation ends, as far as known; None: unknown or never."""
        ...
