"""`新单`, `补发`, `换货`: an order that is being made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.buttons import Offer


@dataclass(frozen=True, slots=True)
class DraftView:
    """What is understood of an order so far, and what is asked. `private`: receiver data is in clear, for the
    person who makes it. `state`: "" while it is open, else what became of it; `doubts`: what must be looked at."""

    draft_id: int
    revision: int
    kind: str  # Chinese, "" for a normal order
    state: str
    shop: str
    tag: str  # of the order that was made, "" before
    name: str
    phone: str
    region: str
    address: str
    lines: tuple[str, ...]
    paid_fen: int | None
    remark: str
    original: str  # the tag of the order that it mends
    question: str
    doubts: tuple[str, ...]
    expires_at: datetime
    at: datetime
    note: str = ""
    offers: tuple[Offer, ...] = ()
    private: bool = False
