"""How urgent an owed message is: its cause decides, where nobody has said it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.kinds import severity_of
from models import Urgency
from models.stages import OPEN, Stage

NEAR: Final = timedelta(hours=1)  # before the platform's ship-by, whatever the matter is

# A short SKU's matter keeps the nearest deadline of its orders.
_OF_SKU: Final = "CASE WHEN c.kind = 'shortage' THEN cast(c.evidence ->> 'ship_by_at' AS timestamptz) END"
# Of a group matter the nearest of its orders', whose kind it is.
_DEADLINES: Final = text(f"""
    SELECT c.id, coalesce(m.kind, c.kind) AS kind, coalesce(m.ship_by_at, o.ship_by_at, {_OF_SKU}) AS ship_by_at,
        coalesce(m.stage, o.stage, '{Stage.PENDING_REVIEW}') AS stage, coalesce(m.rule, c.evidence -> 'rule') AS rule
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id LEFT JOIN LATERAL (
        SELECT k.kind, p.ship_by_at, p.stage, k.evidence -> 'rule' AS rule
        FROM cases k JOIN orders p ON p.id = k.order_id
        WHERE c.kind = 'cause_group' AND k.kind = c.evidence ->> 'of' AND k.evidence ->> 'group' = c.group_key
            AND k.state IN ('open', 'claimed') ORDER BY p.ship_by_at LIMIT 1
    ) AS m ON c.order_id IS NULL
    WHERE c.id = ANY(:ids) AND coalesce(m.ship_by_at, o.ship_by_at, {_OF_SKU}) IS NOT NULL
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
    alerts = {row.id for row in found if is_alert(row, desk.now)}
    return [Urgency.ALERT if _tells(one) and _case(one.subject) in alerts else _plain(one) for one in messages]


def is_alert(case: Row[Any], now: datetime) -> bool:
    """Whether a penalty comes near: a P1 of an order that has a deadline, or any matter in the deadline's last hour."""
    severity = severity_of(case.kind, case.ship_by_at, now, {"rule": case.rule})
    return severity == "P1" or (case.stage in OPEN and case.ship_by_at - NEAR <= now)


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
