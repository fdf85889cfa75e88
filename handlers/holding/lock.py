"""锁定 and 解锁: a person's lock is a matter of its own beside those that rules open, so no rule's look removes it
(handlers/watch.py locks an order while any blocking case of it lives)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, watch
from handlers.batches import orders
from handlers.batches.doing import Act
from handlers.desk import Actor, Desk
from handlers.matter import Opening
from models import Role

KIND: Final = orders.PERSON_LOCK
STOPPED: Final = "拦住了，等处理"
"""Why an order is locked that was stopped on its way out: 解锁 全部 leaves it alone."""
_WHOSE: Final = (Role.SUPERVISOR, Role.SERVICE, Role.WAREHOUSE)

_END: Final = text("""
    UPDATE cases SET state = 'solved', solved_at = :now, solved_by = :staff_id, solution = :words, due_at = NULL,
        claimed_until = NULL, revision = revision + 1
    WHERE id = ANY(:ids) AND state IN ('open', 'claimed') RETURNING id, revision
""")
_AGAIN: Final = text("""
    UPDATE cases SET state = 'open', solved_at = NULL, solved_by = NULL, solution = '', revision = revision + 1,
        due_at = :now + make_interval(mins => cast(steps -> 1 ->> 'after' AS int)), step = 1
    WHERE id = ANY(:ids) AND state = 'solved' RETURNING id, revision
""")


def role_of(actor: Actor) -> Role:
    """Whose lock it is: that role may take it off, and a supervisor."""
    return next((role for role in _WHOSE if role in actor.roles), Role.SUPERVISOR)


def lock(
    desk: Desk, act: Act, rows: Sequence[Row[Any]], *, role: Role | None = None, owner_id: int | None = None
) -> dict[int, int]:
    """Lock these orders, which no person has locked yet, for the act's words; order id → its new matter. `role`,
    `owner_id`: whose matter it is, where it is not the actor's own."""
    whose, owner = (role or role_of(act.actor)), act.actor.staff_id if role is None else owner_id
    evidence = {"mark": act.words, "by": act.actor.name}
    made = [Opening(KIND, act.words, whose, row.id, owner_id=owner, evidence=evidence) for row in rows]
    found = {row.order_id: row.id for row in opening.open_many(desk, made, by=act.actor)}
    _write(desk, act, rows, "锁定", **{"原因": act.words})
    return found


def unlock(desk: Desk, act: Act, rows: Sequence[Row[Any]], locks: Sequence[int]) -> None:
    """Take off the locks of these orders, by their matters; other locks stay."""
    _end(desk, act, locks, f"解锁：{act.words}" if act.words else "解锁")
    _write(desk, act, rows, "解锁", **({"原因": act.words} if act.words else {}))


def never_mind(desk: Desk, act: Act, rows: Sequence[Row[Any]], locks: Sequence[int]) -> None:
    """They were locked by mistake."""
    _end(desk, act, locks, "撤销锁定")
    _write(desk, act, rows, "撤销锁定")


def again(desk: Desk, act: Act, rows: Sequence[Row[Any]], locks: Sequence[int]) -> None:
    """The locks were taken off by mistake."""
    _edits(desk, act.actor, desk.session.execute(_AGAIN, {"ids": list(locks), "now": desk.now}).all())
    _write(desk, act, rows, "撤销解锁")


def _end(desk: Desk, act: Act, locks: Sequence[int], words: str) -> None:
    values = {"ids": list(locks), "now": desk.now, "staff_id": act.actor.staff_id, "words": words}
    _edits(desk, act.actor, desk.session.execute(_END, values).all())


def _write(desk: Desk, act: Act, rows: Sequence[Row[Any]], action: str, **said: str) -> None:
    """Into the orders' trails; and the look at them finds what locks them now."""
    orders.extend(desk, act.actor, [(row, action, {**said, **act.of_batch}) for row in rows])
    watch.watch(desk, [row.id for row in rows])


def _edits(desk: Desk, actor: Actor, changed: Sequence[Row[Any]]) -> None:
    owe.owe(desk, [owe.edit(row.id, row.revision) for row in changed], by=actor)
