"""延发: an order does not leave before a day that somebody agreed with the customer; on that day it is called again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, people, watch
from handlers.batches import orders, told
from handlers.batches.doing import Act
from handlers.batches.remember import UNDO
from handlers.desk import SYSTEM, Actor, Desk
from handlers.kinds import kind_of
from handlers.matter import Opening
from handlers.wording import day, day_of
from models import Role

KIND: Final = orders.HOLD
_WAKES: Final = timedelta(hours=9)
"""Of the day: when somebody is there to hear it."""
_NAMED: Final = 10

_SET: Final = text("""
    UPDATE orders o SET not_before_at = x.at
    FROM unnest(cast(:ids AS bigint[]), cast(:moments AS timestamptz[])) AS x(id, at) WHERE o.id = x.id
""")
_CHANGE: Final = text("""
    UPDATE cases SET reason = :reason, due_at = :due_at, revision = revision + 1,
        evidence = evidence || jsonb_build_object('until', cast(:until AS text))
    WHERE order_id = ANY(:ids) AND kind = 'hold_until' AND state IN ('open', 'claimed') RETURNING id, order_id, revision
""")
_WISHES: Final = text("""
    UPDATE cases SET state = 'solved', solved_at = :now, solved_by = :staff_id, solution = :words, due_at = NULL,
        claimed_until = NULL, revision = revision + 1
    WHERE order_id = ANY(:ids) AND kind = 'delay_request' AND state IN ('open', 'claimed')
    RETURNING id, order_id, revision
""")
_WISHES_AGAIN: Final = text("""
    UPDATE cases SET state = 'open', solved_at = NULL, solved_by = NULL, solution = '', revision = revision + 1,
        due_at = :now
    WHERE order_id = ANY(:ids) AND kind = 'delay_request' AND state = 'solved' AND solved_at = ANY(:moments)
    RETURNING id, revision
""")
_END: Final = text("""
    UPDATE cases SET state = 'solved', solved_at = :now, solved_by = :staff_id, solution = :words, due_at = NULL,
        revision = revision + 1
    WHERE order_id = ANY(:ids) AND kind = 'hold_until' AND state IN ('open', 'claimed') RETURNING id, revision
""")
_WAS: Final = text("""
    SELECT order_id, evidence ->> 'was' AS was FROM cases
    WHERE order_id = ANY(:ids) AND kind = 'hold_until' AND state IN ('open', 'claimed')
""")
# Orders before their cases, as everywhere; what somebody holds just now is left for the next look.
_DUE: Final = text("""
    SELECT o.id FROM orders o WHERE o.id IN (
        SELECT order_id FROM cases WHERE due_at <= :now AND kind = 'hold_until' AND state IN ('open', 'claimed'))
    ORDER BY o.id FOR NO KEY UPDATE OF o SKIP LOCKED
""")
_WOKEN: Final = text("""
    SELECT id, order_id, owner_id FROM cases
    WHERE order_id = ANY(:ids) AND kind = 'hold_until' AND due_at <= :now AND state IN ('open', 'claimed')
""")


def hold(desk: Desk, act: Act, rows: Sequence[Row[Any]], until: datetime) -> None:
    """These orders leave from `until`, a day's beginning; the customer's wish to wait is granted by that."""
    ids = [row.id for row in rows]
    _set(desk, dict.fromkeys(ids, until))
    _grant(desk, act.actor, rows, f"已改到 {day(until)} 发货")
    _keep(desk, act, rows, until)
    orders.extend(desk, act.actor, [(row, "延发", {"发货日": [_day(row), day(until)], **_why(act)}) for row in rows])
    watch.watch(desk, ids)


def _why(act: Act) -> dict[str, str]:
    return ({"原因": act.words} if act.words else {}) | act.of_batch


def _keep(desk: Desk, act: Act, rows: Sequence[Row[Any]], until: datetime) -> None:
    """The matter that calls on that day: changed where it lives, else opened."""
    reason = f"约定 {day(until)} 起发货" + (f"：{act.words}" if act.words else "")
    changed = _change(desk, [row.id for row in rows], reason, until)
    fresh = [row for row in rows if row.id not in changed]
    made = [
        Opening(KIND, reason, Role.SERVICE, row.id, owner_id=act.actor.staff_id, evidence=_evidence(row, until))
        for row in fresh
    ]
    if opening.open_many(desk, made, by=act.actor):  # due on that day, whatever the steps of its kind say
        _change(desk, [row.id for row in fresh], reason, until)


def _evidence(row: Row[Any], until: datetime) -> dict[str, Any]:
    was = row.not_before_at.isoformat() if row.not_before_at is not None else None
    return {"until": day_of(until).isoformat(), "was": was}


def _change(desk: Desk, ids: Sequence[int], reason: str, until: datetime) -> dict[int, int]:
    values = {"ids": list(ids), "reason": reason, "due_at": until + _WAKES, "until": day_of(until).isoformat()}
    found = desk.session.execute(_CHANGE, values).all()
    owe.owe(desk, [owe.edit(row.id, row.revision) for row in found])
    return {row.order_id: row.id for row in found}


def _grant(desk: Desk, actor: Actor, rows: Sequence[Row[Any]], words: str) -> None:
    by_id = {row.id: row for row in rows}
    values = {"ids": list(by_id), "now": desk.now, "staff_id": actor.staff_id, "words": words}
    granted = desk.session.execute(_WISHES, values).all()
    owe.owe(desk, [owe.edit(row.id, row.revision) for row in granted], by=actor)
    heard = kind_of("delay_request").customer
    buyers = {row.id: by_id[row.order_id] for row in granted}
    told.owe_later(desk, [
        (owe.solved_message(desk, case_id, (one.shop_id, one.buyer_key, one.external_id), heard), desk.now + UNDO)
        for case_id, one in buyers.items()
    ])  # fmt: skip


def lift(desk: Desk, act: Act, rows: Sequence[Row[Any]]) -> None:
    """They need not wait any longer: what had held before the first 延发 holds."""
    ids = [row.id for row in rows]
    was = {row.order_id: row.was for row in desk.session.execute(_WAS, {"ids": ids})}
    _set(desk, {one: datetime.fromisoformat(was[one]) if was.get(one) else None for one in ids})
    _end(desk, act.actor, ids, "取消延发")
    orders.extend(desk, act.actor, [(row, "取消延发", {"发货日": [_day(row), ""], **_why(act)}) for row in rows])
    watch.watch(desk, ids)


@dataclass(frozen=True, slots=True)
class Before:
    """How it stood before an 延发 (or its end) that was said at `at`: the day, and whether a person had agreed one."""

    row: Row[Any]
    not_before_at: datetime | None
    held: bool
    at: datetime | None


def restore(desk: Desk, act: Act, known: Sequence[Before]) -> None:
    """As it stood before."""
    _set(desk, {one.row.id: one.not_before_at for one in known})
    _end(desk, act.actor, [one.row.id for one in known if not one.held], "撤销延发")
    for at in sorted({one.not_before_at for one in known if one.held and one.not_before_at is not None}):
        _keep(desk, replace(act, words=""), [one.row for one in known if one.held and one.not_before_at == at], at)
    _wish_again(desk, act.actor, known)
    said = [(one.row, {"发货日": [_day(one.row), _as_day(one.not_before_at)], **act.of_batch}) for one in known]
    orders.extend(desk, act.actor, [(row, "撤销延发", detail) for row, detail in said])
    watch.watch(desk, [one.row.id for one in known])


def _wish_again(desk: Desk, actor: Actor, known: Sequence[Before]) -> None:
    """What the customer had asked for is open again, and nobody says that it was granted."""
    moments = [one.at for one in known if one.at is not None]
    values = {"ids": [one.row.id for one in known], "moments": moments, "now": desk.now}
    again = desk.session.execute(_WISHES_AGAIN, values).all()
    told.unsay(desk, [f"case:{row.id}:solved:customer" for row in again])
    owe.owe(desk, [owe.edit(row.id, row.revision) for row in again], by=actor)


def _set(desk: Desk, moments: Mapping[int, datetime | None]) -> None:
    desk.session.execute(_SET, {"ids": list(moments), "moments": list(moments.values())})


def _end(desk: Desk, actor: Actor, ids: Sequence[int], words: str) -> None:
    values = {"ids": list(ids), "now": desk.now, "staff_id": actor.staff_id, "words": words}
    ended = desk.session.execute(_END, values).all()
    owe.owe(desk, [owe.edit(row.id, row.revision) for row in ended], by=actor)


def _day(row: Row[Any]) -> str:
    return _as_day(row.not_before_at)


def _as_day(at: datetime | None) -> str:
    return day(at) if at is not None else ""


def wake(desk: Desk) -> int:
    """The clock's look: what was to wait until today may leave. One sentence to each of the warehouse, and to whoever
    had agreed the day. How many orders."""
    ids = list(desk.session.execute(_DUE, {"now": desk.now}).scalars())
    if not ids:
        return 0
    cases = desk.session.execute(_WOKEN, {"ids": ids, "now": desk.now}).all()
    opening.close_many(desk, [(case.id, "到约定的日子了") for case in cases])
    found = orders.read(desk, [case.order_id for case in cases])
    orders.extend(desk, SYSTEM, [(row, "延发到期", {"发货日": _day(row)}) for row in found.values()])
    watch.watch(desk, list(found))
    _call(desk, found, {case.order_id: case.owner_id for case in cases})
    return len(found)


def _call(desk: Desk, rows: Mapping[int, Row[Any]], asked: Mapping[int, int | None]) -> None:
    warehouse = {one.id for one in people.with_role(people.staff(desk), Role.WAREHOUSE)}
    first, today = min(rows), f"{day_of(desk.now):%Y%m%d}"
    calls = []
    for person in sorted(warehouse | {one for one in asked.values() if one is not None}):
        mine = [row for one, row in sorted(rows.items()) if person in warehouse or asked[one] == person]
        more = f" 等 {len(mine)} 单" if len(mine) > _NAMED else ""
        words = f"延发到今天的单可以发货了：{'、'.join(row.tag for row in mine[:_NAMED])}{more}"
        calls.append(owe.note(f"hold:{today}:{first}", person, f"order:{mine[0].id}", words))
    owe.owe(desk, calls)
