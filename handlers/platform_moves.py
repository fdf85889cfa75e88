"""What the platform's state does to the hub's stage: it admits, finishes or cancels, and never moves back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, stock
from handlers.customers import part_refunds
from handlers.desk import Desk
from handlers.lock_reason import Why
from handlers.matter import Opening
from handlers.shortage import parting
from handlers.wording import customer_time, goods
from models import Role
from models.couriers import courier_name, same_number
from models.people import customer_key
from models.stages import MOVES, OPEN, TITLES, Stage, Verb
from rules.facts import OrderFacts

# The platform's effect (ingest/snapshot.py) as a verb; any other effect moves nothing.
_VERBS: Final = {
    "admit": Verb.PLATFORM_PAID,
    "shipped": Verb.PLATFORM_SHIPPED,
    "cancelled": Verb.PLATFORM_CANCELLED,
}

_OURS: Final = text("""
    SELECT id, order_id, line, state, body FROM write_backs WHERE kind = 'ship' AND order_id = ANY(:ids)
""")
# What is being told just now is left alone: whoever tells it sees what stands there, and says so.
_SETTLE: Final = text("""
    UPDATE write_backs SET state = x.state, next_try_at = NULL, problem = x.problem,
        confirmed_at = CASE WHEN x.state = 'confirmed' THEN cast(:now AS timestamptz) END
    FROM unnest(cast(:ids AS bigint[]), cast(:states AS text[]), cast(:problems AS text[])) AS x(id, state, problem)
    WHERE write_backs.id = x.id AND write_backs.id IN (
        SELECT id FROM write_backs WHERE id = ANY(:ids) AND state IN ('owed', 'failed') FOR UPDATE SKIP LOCKED)
    RETURNING write_backs.order_id, write_backs.state, write_backs.body
""")
_FAILING: Final = text("""
    SELECT id, order_id FROM cases
    WHERE kind = 'writeback_fail' AND order_id = ANY(:ids) AND state IN ('open', 'claimed')
""")

_REST: Final = "平台显示全部已发货，这里先发了一包，其余的还没有发：请核对买家那边收到了什么，没发的请补发"

_PAID_BACK: Final = "先发的已发出，剩下的商品都已退款"


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
    barred: list[Why] = field(default_factory=list)  # what locks it though the case is not its own

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
    _finish(desk, [work for work in works if work.stage in OPEN and work.row.waybill])
    _compare_parcels(desk, {work.row.id: work for work in works if work.row.effect == "shipped"})


def _move(work: Work, verb: Verb, now: datetime) -> None:
    work.left, work.moved = work.stage, verb
    work.stage = MOVES[work.stage, verb]
    work.entered_at = {
        Verb.PLATFORM_PAID: work.row.paid_at,
        Verb.PLATFORM_SHIPPED: work.row.shipped_at,
    }.get(verb) or now
    work.note("平台推进", {"环节": [TITLES[work.left], TITLES[work.stage]], "平台状态": work.row.platform_status})


def _finish(desk: Desk, works: Sequence[Work]) -> None:
    """A part left, and the platform paid the rest back: the order is over, and nobody is told of a parcel again."""
    over = parting.finish(desk, [work.row.id for work in works])
    for work in works:
        if work.row.id in over:
            work.left, work.stage = work.stage, MOVES[work.stage, Verb.PLATFORM_SHIPPED]
            work.entered_at = desk.now
            said = {"环节": [TITLES[work.left], TITLES[work.stage]], "原因": _PAID_BACK}
            work.note("平台推进", said)


def _compare_parcels(desk: Desk, works: Mapping[int, Work]) -> None:
    """What the platform shows as shipped against what left here."""
    if not works:
        return
    ours = list(desk.session.execute(_OURS, {"ids": list(works)}))
    whole = {row.order_id for row in ours if not row.line}
    parted = {row.order_id for row in ours} - whole
    owing = parting.owing(desk, parted) if parted else set()
    for work in works.values():
        if work.row.id in whole or not work.left_open:
            continue
        if work.row.id in owing:
            work.openings.append(Opening("shipped_on_platform", _REST, Role.SERVICE, work.row.id))
        elif work.row.id not in parted:
            _warn_of_a_stranger(work)
    shown = [row for row in ours if row.state in ("owed", "failed") and works[row.order_id].row.waybill]
    if shown:
        _settle(desk, works, shown)


def _warn_of_a_stranger(work: Work) -> None:
    """Shipped on the platform while it lay open here, and not by us: somebody may send a second parcel."""
    assert work.left is not None
    number = f"，运单 {work.row.waybill}" if work.row.waybill else ""
    reason = f"平台已发货{number}，那时中枢在{TITLES[work.left]}，已改为{TITLES[work.stage]}：请核对，别重复发"
    work.openings.append(Opening("shipped_on_platform", reason, Role.SERVICE, work.row.id))


def _settle(desk: Desk, works: Mapping[int, Work], ours: Sequence[Row[Any]]) -> None:
    """What was still owed is done where the platform shows our number, and is not told any more where it shows
    another: that one is not overwritten, a person compares."""
    same = {row.id: _shows(works[row.order_id].row.waybill, row.body.get("waybill", "")) for row in ours}
    settled = desk.session.execute(
        _SETTLE,
        {
            "now": desk.now, "ids": list(same),
            "states": ["confirmed" if one else "elsewhere" for one in same.values()],
            "problems": ["" if one else "平台上已用其他运单发货" for one in same.values()],
        },
    ).all()  # fmt: skip
    for row in settled:
        work, sent = works[row.order_id], parcel(row.body.get("courier", ""), row.body.get("waybill", ""))
        if row.state == "confirmed":
            work.note("回传成功", {"运单": row.body.get("waybill", ""), "来源": "平台已显示"})
            continue
        work.note("平台已用其他运单发货", {"平台运单": work.row.waybill, "这里的运单": sent})
        reason = both_numbers(work.row.waybill, sent)
        work.openings.append(Opening("shipped_on_platform", reason, Role.SERVICE, work.row.id))
    _end_failing(desk, works, [row.order_id for row in settled])


def _end_failing(desk: Desk, works: Mapping[int, Work], order_ids: Sequence[int]) -> None:
    if not order_ids:
        return
    failing = desk.session.execute(_FAILING, {"ids": list(order_ids)}).all()
    for row in opening.close_many(desk, [(case.id, "平台已显示发货") for case in failing]):
        works[row.order_id].note("异常解除", {"回传失败": "平台已显示发货"})


def _shows(numbers: str, ours: str) -> bool:
    return any(same_number(number, ours) for number in numbers.split(","))


def parcel(courier: str, waybill: str) -> str:
    """顺丰速运 SF1234567890123"""
    return f"{courier_name(courier)} {waybill or '没有运单号'}".strip()


def both_numbers(theirs: str, ours: str) -> str:
    """The reason of exception 26 where a parcel left here too."""
    return f"平台上是运单 {theirs or '（没有单号）'}，这里发的是 {ours}：请核对，别重复发；平台上的没有改动"


def tell(desk: Desk, works: Sequence[Work], lines: Mapping[int, Sequence[Row[Any]]]) -> None:
    """What a platform's move means for the shelf and for the customer."""
    shipped = [work for work in works if work.moved is Verb.PLATFORM_SHIPPED and work.left_open]
    stock.take(desk, [work.row.id for work in shipped])
    stock.freed(
        desk, [work.row.id for work in works if work.moved is Verb.PLATFORM_CANCELLED and work.left_open]
    )  # fmt: skip
    owe.owe_customers(desk, [_shipped(desk, work, lines.get(work.row.id, ())) for work in shipped])
    cancelled = [work for work in works if work.moved is Verb.PLATFORM_CANCELLED and work.left_open]
    back = [work for work in works if work.row.refund == "refunded" and (work in cancelled or _is_fresh(desk, work))]
    owe.owe_customers(desk, [_refunded(desk, work, lines.get(work.row.id, ())) for work in back])
    part_refunds.look(desk, [work.row.id for work in works if work.row.refund == "part"], lines)


def _is_fresh(desk: Desk, work: Work) -> bool:
    """Whether all of an open order was paid back of late, though its platform has not cancelled it yet."""
    return work.stage in OPEN and work.row.modified_at > desk.now - part_refunds.FRESH


def _shipped(desk: Desk, work: Work, lines: Sequence[Row[Any]]) -> owe.CustomerMessage:
    row = work.row
    what = goods([(line.title, line.spec, line.quantity) for line in lines])
    return shipped_message(
        row.id, row.shop_id, row.buyer_key,
        {"number": row.external_id, "goods": what, "courier": courier_name(row.courier), "waybill": row.waybill,
         "time": customer_time(row.shipped_at or desk.now)},
    )  # fmt: skip


def _refunded(desk: Desk, work: Work, lines: Sequence[Row[Any]]) -> owe.CustomerMessage:
    row = work.row
    values = {
        "number": row.external_id, "goods": goods([(line.title, line.spec, line.quantity) for line in lines]),
        "amount": f"¥{row.paid_fen / 100:.2f}", "time": customer_time(desk.now),
    }  # fmt: skip
    key, known = f"order:{row.id}:refunded:customer", customer_key(row.buyer_key, row.external_id)
    return owe.CustomerMessage(key, row.shop_id, known, f"order:{row.id}", "refunded", values)


def shipped_message(order_id: int, shop_id: int, buyer_key: str, values: Mapping[str, str]) -> owe.CustomerMessage:
    """The customer hears once that the order left, whoever said so first."""
    key = f"order:{order_id}:shipped:customer"
    known = customer_key(buyer_key, values["number"])
    return owe.CustomerMessage(key, shop_id, known, f"order:{order_id}", "shipped", values)
