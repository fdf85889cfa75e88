"""What the platform's state does to the hub's stage: it admits, finishes or cancels, and never moves back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, stock
from handlers.desk import Desk
from handlers.opening import Opening
from handlers.wording import customer_time, goods
from models import Role
from models.couriers import courier_name
from models.people import customer_key
from models.stages import MOVES, OPEN, TITLES, Stage, Verb
from rules.facts import OrderFacts

# The platform's effect (ingest/snapshot.py) as a verb; any other effect moves nothing.
_VERBS: Final = {
    "admit": Verb.PLATFORM_PAID,
    "shipped": Verb.PLATFORM_SHIPPED,
    "cancelled": Verb.PLATFORM_CANCELLED,
}

_OURS: Final = text("SELECT order_id FROM write_backs WHERE order_id = ANY(:ids)")


@dataclass(slots=True)
class Work:
    """One order while a batch is looked at: the row as read, and what it becomes."""

    row: Row[Any]
    stage: Stage
    entered_at: datetime
    lock_reason: str
    recheck_at: datetime | None
    facts: OrderFacts | None = None
    moved: Verb | None = None
    left: Stage | None = None  # the stage it stood in before the move
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)

    @classmethod
    def of(cls, row: Row[Any]) -> Work:
        return cls(row, Stage(row.stage), row.stage_entered_at, row.lock_reason, row.recheck_at)

    def note(self, action: str, detail: dict[str, Any]) -> None:
        """A row for the order's trail."""
        self.notes.append((action, detail))

    @property
    def changed(self) -> bool:
        return bool(self.notes) or self.lock_reason != self.row.lock_reason

    @property
    def left_open(self) -> bool:
        """Whether the platform took it out of the hands of people here."""
        return self.left in OPEN


def apply(desk: Desk, works: Sequence[Work]) -> None:
    """Move every order as its platform says."""
    for work in works:
        verb = _VERBS.get(work.row.effect)
        if verb is not None and (work.stage, verb) in MOVES:
            _move(work, verb, desk.now)
    _warn_of_strangers(desk, [work for work in works if work.moved is Verb.PLATFORM_SHIPPED and work.left_open])


def _move(work: Work, verb: Verb, now: datetime) -> None:
    work.left, work.moved = work.stage, verb
    work.stage = MOVES[work.stage, verb]
    work.entered_at = {
        Verb.PLATFORM_PAID: work.row.paid_at,
        Verb.PLATFORM_SHIPPED: work.row.shipped_at,
    }.get(verb) or now
    work.note("平台推进", {"环节": [TITLES[work.left], TITLES[work.stage]], "平台状态": work.row.platform_status})


def _warn_of_strangers(desk: Desk, works: Sequence[Work]) -> None:
    """Shipped on the platform while it lay open here, and not by us: somebody may send a second parcel."""
    if not works:
        return
    ours = set(desk.session.execute(_OURS, {"ids": [work.row.id for work in works]}).scalars())
    for work in works:
        if work.row.id not in ours and work.left is not None:
            number = f"，运单 {work.row.waybill}" if work.row.waybill else ""
            reason = f"平台已发货{number}，中枢还在{TITLES[work.left]}：请核对，别重复发"
            work.openings.append(Opening("shipped_on_platform", reason, Role.SERVICE, work.row.id))


def tell(desk: Desk, works: Sequence[Work], lines: Mapping[int, Sequence[Row[Any]]]) -> None:
    """What a platform's move means for the shelf and for the customer."""
    shipped = [work for work in works if work.moved is Verb.PLATFORM_SHIPPED and work.left_open]
    stock.take(desk, [work.row.id for work in shipped])
    stock.freed(
        desk, [work.row.id for work in works if work.moved is Verb.PLATFORM_CANCELLED and work.left_open]
    )  # fmt: skip
    owe.owe_customers(desk, [_shipped(desk, work, lines.get(work.row.id, ())) for work in shipped])


def _shipped(desk: Desk, work: Work, lines: Sequence[Row[Any]]) -> owe.CustomerMessage:
    row = work.row
    what = goods([(line.title, line.spec, line.quantity) for line in lines])
    return shipped_message(
        row.id, row.shop_id, row.buyer_key,
        {"number": row.external_id, "goods": what, "courier": courier_name(row.courier), "waybill": row.waybill,
         "time": customer_time(row.shipped_at or desk.now)},
    )  # fmt: skip


def shipped_message(order_id: int, shop_id: int, buyer_key: str, values: Mapping[str, str]) -> owe.CustomerMessage:
    """The customer hears once that the order left, whoever said so first."""
    key = f"order:{order_id}:shipped:customer"
    known = customer_key(buyer_key, values["number"])
    return owe.CustomerMessage(key, shop_id, known, f"order:{order_id}", "shipped", values)
