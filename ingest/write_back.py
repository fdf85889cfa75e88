"""Tells a marketplace what is owed to it: one row, one try. The marketplace itself re-reads before it repeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.orm import Session

from ingest.source import Action, Marketplace, PlatformError, Shipment, WriteBackRefused
from models import Order, WriteBack

PAUSES: Final = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""Before the second, third and every later try."""

_TELL_AT: Final = 2  # failed tries after which people are told


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; `text` says in Chinese why it did not work, "" if it did."""

    result: Literal["confirmed", "retry", "refused"]
    text: str = ""
    tell_people: bool = False

    @property
    def confirmed(self) -> bool:
        return self.result == "confirmed"


def push(session: Session, marketplace: Marketplace, row: WriteBack, now: datetime) -> Outcome:
    """Try `row` (kind "ship", body {"courier": our slug, "waybill": number}) once and note the result in it.

    Does not commit. A refusal fails the row; everything else leaves it owed, with a later `next_try_at`.
    """
    order = session.get_one(Order, row.order_id)
    shipment = Shipment(order.external_id, str(row.body.get("courier", "")), str(row.body.get("waybill", "")))
    try:
        _ship(marketplace, shipment)
    except WriteBackRefused as refusal:
        row.tries += 1
        row.state, row.next_try_at, row.problem = "failed", None, str(refusal)
        return Outcome("refused", row.problem, tell_people=True)
    except PlatformError as error:
        return _later(row, error, now)
    row.tries += 1
    row.state, row.confirmed_at, row.next_try_at, row.problem = "confirmed", now, None, ""
    return Outcome("confirmed")


def _ship(marketplace: Marketplace, shipment: Shipment) -> None:
    """Ship; a clock that the platform refuses is set right once."""
    if not shipment.waybill:
        raise WriteBackRefused("没有运单号，无法回传")
    try:
        marketplace.ship(shipment)
    except PlatformError as error:
        if error.resolution.action is not Action.CLOCK:
            raise
        marketplace.measure_clock()
        marketplace.ship(shipment)


def _later(row: WriteBack, error: PlatformError, now: datetime) -> Outcome:
    """A throttled try is none of ours: it counts towards no failure."""
    throttled = error.resolution.action in (Action.WAIT, Action.PAUSE)
    row.tries += not throttled
    pause = PAUSES[min(max(row.tries, 1), len(PAUSES)) - 1]
    row.next_try_at = now + max(pause, timedelta(seconds=error.wait_seconds))
    row.problem = f"{error.resolution.text}（{error.code}）"
    return Outcome("retry", row.problem, tell_people=row.tries == _TELL_AT and not throttled)
