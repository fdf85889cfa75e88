"""A batch as it is shown: what is asked, how far it is, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.buttons import Offer, Ticks


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A kind of reason, how many were left out for it, and the first of them."""

    why: str
    orders: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One of the orders that are asked about; `goods` in a few words, or the parcel that is to be told of it."""

    tag: str
    goods: str
    paid_fen: int
    ship_by_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """`state`: asked, expired, cancelled, running, done, undoing, undone. `scope`: how the orders were named (全部,
    JD 001-020); `words`: what is said of all of them. `total` orders are worth `fen`; `tags` are the first of them,
    `rows` the same with what is in them.
    `left`: what is not among them. `doubts`: what a person must look at before saying yes. `named`: (tag, why) of those
    that were not done, or not taken back; `unnamed` more of them there are. `ticks`: the orders to choose from.
    `sample`: a line with what their buyers will read."""

    batch_id: int
    revision: int
    code: str
    title: str  # 审核
    state: str
    scope: str
    words: str
    who: str
    total: int
    fen: int
    oldest: str
    oldest_at: datetime | None
    tags: tuple[str, ...]
    left: tuple[LeftOut, ...]
    doubts: tuple[str, ...]
    waiting: int
    done: int
    undone: int
    named: tuple[tuple[str, str], ...]
    unnamed: int
    undo_until: datetime | None
    at: datetime
    note: str = ""
    offers: tuple[Offer, ...] = ()
    ticks: Ticks | None = None
    rows: tuple[BatchRow, ...] = ()
    sample: str = ""
