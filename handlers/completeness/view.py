"""`对账`: one Beijing day, all shops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ProofRow:
    """`state`: green, red, filling (what is missing is being read), unknown, "" where the day was not proved. `reason`:
    Chinese, of what is not green."""

    prefix: str  # of the shop's tags
    shop: str
    state: str
    platform_orders: int | None = None
    hub_orders: int | None = None
    refilled: int = 0  # orders that were missing and are here now
    still: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProofView:
    """The day's one card; `rows` with what is worst first. `may_again`: the reader may have it proved again."""

    day: date
    number: int  # yyyymmdd: "proof:20251221" is the card's subject
    revision: int
    rows: tuple[ProofRow, ...]
    at: datetime
    may_again: bool = True
    note: str = ""
