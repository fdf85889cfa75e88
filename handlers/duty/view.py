"""`值班`, `请假`, `交接`: answers as values. Texts are Chinese and safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.buttons import Offer


def handover_code(handover_id: int) -> str:
    return f"交接{handover_id}"


@dataclass(frozen=True, slots=True)
class DutyRole:
    """`now`: who has the role's matters now, in words ("小李（到 18:00）"); `week`: a line for each who holds it."""

    title: str
    now: tuple[str, ...]
    lead: str
    week: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DutyView:
    """Who is on duty now and this week, by role. `night`: the company's quiet hours in words."""

    at: datetime
    roles: tuple[DutyRole, ...]
    night: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """One absence, at every moment of its life. `state`: "" while it counts, else what became of it; `lines`: what the
    person had and lies elsewhere now."""

    absence_id: int
    revision: int
    name: str
    period: str
    reason: str
    deputy: str
    state: str
    begun: bool
    lines: tuple[str, ...]
    total: int
    at: datetime
    note: str = ""
    offers: tuple[Offer, ...] = ()

    @property
    def code(self) -> str:
        """By what it is named in words for as long as it is known: 请假7 销假."""
        return f"请假{self.absence_id}"


@dataclass(frozen=True, slots=True)
class HandoverView:
    """One hand-over, at every moment of its life. `state`: "" while it is open, else what became of it; `lines`: what
    is handed over, the first of `total`; `kept`: how many matters the taker's roles do not fit; `asks`: the giver,
    whose shift ends at `expires_at`, is asked whether to offer it."""

    handover_id: int
    revision: int
    giver: str
    taker: str
    state: str
    lines: tuple[str, ...]
    total: int
    kept: int
    expires_at: datetime
    at: datetime
    note: str = ""
    offers: tuple[Offer, ...] = ()
    asks: bool = False

    @property
    def code(self) -> str:
        """By what it is named in words for as long as it is known: 交接2 接收."""
        return handover_code(self.handover_id)
