"""指派 without saying what: the matters that nobody has, and the people they could go to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.buttons import Choice, Offer


@dataclass(frozen=True, slots=True)
class DispatchView:
    """`matters` and `people`: what is chosen from, None where there is nothing. `total`: matters that nobody has;
    `oldest_at`: since when the first of them stands; `unlisted`: people for whom the drop-down has no room."""

    total: int
    oldest_at: datetime | None
    matters: Choice | None
    people: Choice | None
    at: datetime
    offers: tuple[Offer, ...] = ()
    note: str = ""
    unlisted: int = 0
