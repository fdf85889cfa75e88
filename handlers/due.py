"""The clock's look: orders whose moment came, and cases whose next step is due. It asks indexes, never a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import Row, text

from handlers import groups, looking_again, opening, owe, trail, watch
from handlers.assigning import giving
from handlers.caselife import forcing, ladder, waiting
from handlers.caselife.ladder import Step
from handlers.desk import SYSTEM, Desk
from handlers.drafts import drafts
from handlers.duty import absences, handovers, leaving, quiet
from handlers.holding import hold
from handlers.kinds import title_of
from handlers.manners import digest, near, silence, storms, weekly
from handlers.matter import Opening, Told
from handlers.related import merge, twins
from handlers.shortage import matters as shortages
from handlers.supply import parcels, sku_map
from handlers.tuning import promos
from models import Role, Urgency
from models.case_life import Turn, life_of, target

CLOCK: Final = replace(SYSTEM, source="clock")

_ORDERS: Final = text("""
    SELECT id FROM orders WHERE recheck_at <= :now ORDER BY recheck_at LIMIT :n FOR NO KEY UPDATE SKIP LOCKED
""")

_CASE: Final = """
    SELECT c.id, c.kind, c.order_id, c.role, c.owner_id, c.state, c.step, c.steps, c.due_at, c.opened_at, c.evidence,
        c.claimed_until, c.waiting_on, c.wake_at, o.tag, o.ship_by_at
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id
    WHERE c.due_at <= :now AND c.state IN ('open', 'claimed')
"""
_CASES: Final = text(f"{_CASE} ORDER BY c.due_at LIMIT :n")
_ONE_CASE: Final = text(f"{_CASE} AND c.id = :id")

_FREE: Final = text("""
    SELECT id, shop_id, external_id, trail_hash FROM orders WHERE id = ANY(:ids) ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
""")

# Taken by naming the old moment: of several clocks only one goes on with a case.
_TAKE: Final = text("""
    UPDATE cases c SET state = x.state, owner_id = x.owner_id, claimed_until = x.claimed_until, step = x.step,
        due_at = x.next_at, evidence = c.evidence || x.more, waiting_on = '', wake_at = NULL, revision = c.revision + 1
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, due_at timestamptz, state text, owner_id int,
        claimed_until timestamptz, step int, next_at timestamptz, more jsonb)
    WHERE c.id = x.id AND c.due_at = x.due_at AND c.state IN ('open', 'claimed') RETURNING c.id, c.revision
""")

_HEADS: Final = text("""
    UPDATE orders o SET trail_hash = x.hash
    FROM unnest(cast(:ids AS bigint[]), cast(:hashes AS bytea[])) AS x(id, hash) WHERE o.id = x.id
""")


# The same moments, to look at one by one, and to come back to later.
_DUE: Final = text("""
    (SELECT 'order' AS what, id FROM orders WHERE recheck_at <= :now ORDER BY recheck_at LIMIT :n)
    UNION ALL
    (SELECT DISTINCT 'order', order_id FROM parcels WHERE due_at <= :now LIMIT :n)
    UNION ALL
    (SELECT 'case', id FROM cases WHERE due_at <= :now AND state IN ('open', 'claimed') ORDER BY due_at LIMIT :n)
""")
_LATER: Final = {
    "order": text("UPDATE orders SET recheck_at = :at WHERE id = :id"),
    "case": text("UPDATE cases SET due_at = :at WHERE id = :id AND state IN ('open', 'claimed')"),
}
_SOON: Final = text("UPDATE orders SET recheck_at = :now WHERE id = ANY(:ids)")
_ORDER_OF: Final = text("SELECT order_id FROM cases WHERE id = :id")
_PAUSE: Final = timedelta(minutes=30)  # before another look at what broke the code
_BROKE: Final = "程序检查这个订单时出错，超时和异常可能提醒不到：请人工核对，并联系管理员"


@dataclass(frozen=True, slots=True)
class Due:
    """One order or one case whose moment came."""

    what: Literal["order", "case"]
    id: int


def look(desk: Desk, limit: int = 500) -> int:
    """Do what is due, at most `limit` of each; how many orders and cases were looked at."""
    looking_again.look(desk)
    ids = list(desk.session.execute(_ORDERS, {"now": desk.now, "n": limit}).scalars())
    on_their_way = parcels.due(desk, limit)
    watch.watch(desk, [*ids, *on_their_way])
    parcels.looked_at(desk, on_their_way)
    hold.wake(desk)
    stepped = _step_cases(desk, list(desk.session.execute(_CASES, {"now": desk.now, "n": limit})))
    groups.refresh(desk)
    storms.refresh(desk)
    drafts.look(desk)
    forcing.look(desk)
    absences.look(desk)
    handovers.look(desk)
    leaving.look(desk)
    silence.release(desk)
    digest.release(desk)
    quiet.release(desk)
    merge.tidy(desk)
    watch.watch(desk, twins.over(desk))
    sku_map.refresh(desk)
    shortages.refresh(desk)
    promos.look(desk)
    weekly.look(desk)
    return len(ids) + len(on_their_way) + stepped


def what_is_due(desk: Desk, limit: int = 500) -> list[Due]:
    """What `look` would do, to be done one by one where one of it breaks the code."""
    return [Due(row.what, row.id) for row in desk.session.execute(_DUE, {"now": desk.now, "n": limit})]


def look_at(desk: Desk, one: Due) -> bool:
    """The same for one order or case alone; False where somebody else holds it at this moment."""
    if one.what == "case":
        return _step_cases(desk, list(desk.session.execute(_ONE_CASE, {"now": desk.now, "id": one.id}))) == 1
    watch.watch(desk, [one.id])
    parcels.looked_at(desk, [one.id])
    return True


def put_off(desk: Desk, one: Due) -> None:
    """It breaks the code: others go on, and it is tried again later."""
    desk.session.execute(_LATER[one.what], {"at": desk.now + _PAUSE, "id": one.id})
    if one.what == "order":
        parcels.looked_at(desk, [one.id], again_at=desk.now + _PAUSE)


def tell_broken(desk: Desk, one: Due) -> None:
    """A person must look instead of the hub: one matter per order, until somebody ends it."""
    order_id = one.id if one.what == "order" else desk.session.execute(_ORDER_OF, {"id": one.id}).scalar_one_or_none()
    if order_id is None:
        return  # a matter about many orders: it is in the log, and the board shows what it is about
    for _ in opening.open_many(desk, [Opening("look_failed", _BROKE, Role.SUPERVISOR, order_id)]):
        trail.write_order(desk, order_id, actor=CLOCK, action="异常", detail={title_of("look_failed", {}): _BROKE})


def look_soon(desk: Desk, order_ids: Sequence[int]) -> None:
    """Have the next look find these orders."""
    desk.session.execute(_SOON, {"now": desk.now, "ids": list(order_ids)})


def _step_cases(desk: Desk, rows: Sequence[Row[Any]]) -> int:
    if not rows:
        return 0
    # Orders before cases, as everywhere; an order that somebody holds at this moment is left for the next look.
    order_ids = [row.order_id for row in rows if row.order_id is not None]
    orders = {order.id: order for order in desk.session.execute(_FREE, {"ids": order_ids})} if order_ids else {}
    due = {row.id: row for row in rows if row.order_id is None or row.order_id in orders}
    steps = ladder.owned(desk, due, {case_id: ladder.next_step(desk, row) for case_id, row in due.items()})
    for case_id, step in steps.items():
        target(life_of(due[case_id]), step.turn)  # raises for what the table of a case's life does not know
    packed = json.dumps([_as_row(due[case_id], step) for case_id, step in steps.items()], ensure_ascii=False)
    taken = {row.id: row.revision for row in desk.session.execute(_TAKE, {"rows": packed})}
    _write_trail(desk, [(due[case_id], steps[case_id]) for case_id in taken], orders)
    _tell(desk, [(due[case_id], steps[case_id], revision) for case_id, revision in taken.items()])
    return len(taken)


def _as_row(case: Row[Any], step: Step) -> dict[str, Any]:
    return {
        "id": case.id, "due_at": case.due_at.isoformat(), "state": step.state, "owner_id": step.owner_id,
        "claimed_until": step.claimed_until.isoformat() if step.claimed_until else None, "step": step.step,
        "next_at": step.next_at.isoformat() if step.next_at else None,
        "more": {
            **({"reminded": case.claimed_until.isoformat()} if step.more else {}),
            **({giving.GIVEN: dict(step.given)} if step.given is not None else {}),
        },
    }  # fmt: skip


def _write_trail(desk: Desk, taken: Sequence[tuple[Row[Any], Step]], orders: dict[int, Row[Any]]) -> None:
    heads = {order_id: bytes(order.trail_hash) for order_id, order in orders.items()}
    rows, moved = [], set()
    for case, step in taken:
        detail = {title_of(case.kind, case.evidence): step.detail}
        if case.order_id is None:
            trail.write(desk, f"case:{case.id}", CLOCK, action=step.action, detail=detail)
            continue
        order = orders[case.order_id]
        subject = trail.order_subject(order.shop_id, order.external_id)
        made = trail.row(desk, subject, heads[order.id], actor=CLOCK, action=step.action, detail=detail)
        heads[order.id] = made.hash
        moved.add(order.id)
        rows.append(made)
    trail.insert(desk, rows)
    if moved:
        ids = sorted(moved)
        desk.session.execute(_HEADS, {"ids": ids, "hashes": [heads[order_id] for order_id in ids]})


def _tell(desk: Desk, taken: Sequence[tuple[Row[Any], Step, int]]) -> None:
    stepped = [(case, step) for case, step, _ in taken if step.targets]
    many = near.storms(desk, stepped)
    by_group = {case_id for storm in many for case_id in storm.cases}
    told = [
        Told(case.id, Role(case.role), step.owner_id, step.targets, f"step{case.step}")
        for case, step in stepped
        if case.id not in by_group
    ]
    owed = opening.cards(desk, told) if told else []
    owed += _of_storms(desk, many)
    for case, step, revision in taken:
        if step.turn is not Turn.ASSIGN or step.targets:  # who knows it needs no edit: some channels allow but one
            owed.append(owe.edit(case.id, revision))
        if step.remind is not None:
            owed.append(ladder.reminder(case, step.remind))
        if step.woken and step.claimed_until is not None:
            owed.append(waiting.woken(case, step.claimed_until))
    owe.owe(desk, owed)


def _of_storms(desk: Desk, many: Sequence[near.Storm]) -> list[owe.Owed]:
    """Penalties come near: nothing holds them back that does not hold back a single one."""
    told = [Told(one.group.id, Role(one.group.role), one.group.owner_id, one.targets, one.occasion) for one in many]
    return [replace(one, urgency=Urgency.ALERT) for one in opening.cards(desk, told)] if told else []
