"""How urgent an owed message is: its cause decides, where nobody has said it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import text

from handlers.desk import Desk
from handlers.kinds import severity_of
from models import Urgency
from models.stages import OPEN

NEAR: Final = timedelta(hours=1)  # before the platform's ship-by, whatever the matter is

_DEADLINES: Final = text("""
    SELECT c.id, c.kind, o.ship_by_at, o.stage FROM cases c JOIN orders o ON o.id = c.order_id
    WHERE c.id = ANY(:ids) AND o.ship_by_at IS NOT NULL
""")


class Cause(Protocol):
    """What there is to know about an owed message (`handlers.owe.Owed`)."""

    @property
    def channel(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def body(self) -> Mapping[str, Any]: ...
    @property
    def urgency(self) -> Urgency | None: ...


def of(desk: Desk, messages: Sequence[Cause]) -> list[Urgency]:
    """How urgent each is now; one look at the deadlines for all of them."""
    asked = {case_id for one in messages if _tells(one) and (case_id := _case(one.subject))}
    found = desk.session.execute(_DEADLINES, {"ids": list(asked)}).all() if asked else []
    alerts = {row.id for row in found if is_alert(row.kind, row.stage, row.ship_by_at, desk.now)}
    return [Urgency.ALERT if _tells(one) and _case(one.subject) in alerts else _plain(one) for one in messages]


def is_alert(kind: str, stage: str, ship_by_at: datetime, now: datetime) -> bool:
    """Whether a penalty comes near: a P1 of an order that has a deadline, or any matter in the deadline's last hour."""
    return severity_of(kind, ship_by_at, now) == "P1" or (stage in OPEN and ship_by_at - NEAR <= now)


def _plain(message: Cause) -> Urgency:
    if message.urgency is not None:
        return message.urgency
    if message.purpose == "edit":
        return Urgency.ANSWER if "task_id" in message.body else Urgency.EDIT  # the pressed card answers its presser
    return Urgency.CARD if _tells(message) and message.purpose == "card" else Urgency.ANSWER


def _tells(message: Cause) -> bool:
    """Whether it tells staff of a matter by itself; what bears its own words or card is somebody's answer."""
    told = message.purpose in ("card", "text") and message.channel != "customer" and message.urgency is None
    return told and not {"card", "card_sealed", "sealed"} & set(message.body)


def _case(subject: str) -> int:
    kind, _, number = subject.partition(":")
    return int(number) if kind == "case" and number.isdecimal() else 0
