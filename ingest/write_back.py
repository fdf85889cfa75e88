"""Tells a marketplace what is owed to it: one row, one try. The marketplace itself re-reads before it repeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from sqlalchemy.orm import Session

from ingest.shipping import ShippedElsewhere
from ingest.source import Action, Marketplace, Memo, PlatformError, Shipment, WriteBackRefused
from models import Order, WriteBack
from models.sources import why_whole

PAUSES: Final = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""Before the second, third and every later try."""

_TELL_AT: Final = 2  # failed tries after which people are told


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; `text` says in Chinese why it did not work, "" if it did.

    `needless`: the source is not told of anything. `elsewhere`: the platform shows another parcel, `text` its number.
    """

    result: Literal["confirmed", "retry", "refused", "needless", "elsewhere"]
    text: str = ""
    tell_people: bool = False

    @property
    def confirmed(self) -> bool:
        return self.result == "confirmed"


def push(session: Session, marketplace: Marketplace, row: WriteBack, now: datetime) -> Outcome:
    """Try `row` once and note the result in it; what its kinds hold stands in models.message.WriteBack.

    Does not commit. A refusal fails the row; everything else leaves it owed, with a later `next_try_at`.
    """
    if not marketplace.told:
        row.state, row.next_try_at, row.problem = "confirmed", None, "无需回传"
        return Outcome("needless")
    try:
        _tell(marketplace, row, session.get_one(Order, row.order_id).external_id)
    except ShippedElsewhere as error:
        return _ended(row, "elsewhere", str(error), Outcome("elsewhere", "，".join(error.waybills), tell_people=True))
    except WriteBackRefused as refusal:
        return _ended(row, "failed", str(refusal), Outcome("refused", str(refusal), tell_people=True))
    except PlatformError as error:
        return _later(row, error, now)
    row.confirmed_at = now
    return _ended(row, "confirmed", "", Outcome("confirmed"))


def _ended(row: WriteBack, state: str, problem: str, outcome: Outcome) -> Outcome:
    row.tries += 1
    row.state, row.next_try_at, row.problem = state, None, problem
    return outcome


def _tell(marketplace: Marketplace, row: WriteBack, number: str) -> None:
    """A clock that the platform refuses is set right once."""
    tell = partial(_note if row.kind == "memo" else _ship, marketplace, row, number)
    try:
        tell()
    except PlatformError as error:
        if error.resolution.action is not Action.CLOCK:
            raise
        marketplace.measure_clock()
        tell()


def _ship(marketplace: Marketplace, row: WriteBack, number: str) -> None:
    lines = tuple(str(key) for key in row.body.get("lines", ()))
    shipment = Shipment(number, str(row.body.get("courier", "")), str(row.body.get("waybill", "")), lines)
    if not shipment.waybill:
        raise WriteBackRefused("没有运单号，无法回传")
    if lines and (why := why_whole(marketplace.platform)):
        raise WriteBackRefused(why)
    marketplace.ship(shipment)


def _note(marketplace: Marketplace, row: WriteBack, number: str) -> None:
    marketplace.write_memo(Memo(number, str(row.body["line"]), row.body.get("flag")))


def _later(row: WriteBack, error: PlatformError, now: datetime) -> Outcome:
    """A throttled try is none of ours: it counts towards no failure."""
    throttled = error.resolution.action in (Action.WAIT, Action.PAUSE)
    row.tries += not throttled
    pause = PAUSES[min(max(row.tries, 1), len(PAUSES)) - 1]
    row.next_try_at = now + max(pause, timedelta(seconds=error.wait_seconds))
    row.problem = f"{error.resolution.text}（{error.code}）"
    return Outcome("retry", row.problem, tell_people=row.tries == _TELL_AT and not throttled)
