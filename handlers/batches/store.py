"""Batches as rows: made, locked, and how far each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select, text

from handlers import owe
from handlers.batches import orders
from handlers.batches.doing import Act
from handlers.desk import Actor, Desk, Refusal
from models import Batch, Role

LIFE: Final = timedelta(minutes=10)
"""How long a question waits for its answer."""
_KEPT: Final = timedelta(days=30)

_ORDERS: Final = text("""
    INSERT INTO batch_orders (batch_id, order_id, place, seen, detail)
    SELECT :batch, x.id, x.place, x.seen, x.detail
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, place int, seen int, detail jsonb)
""")
_COUNTS: Final = text("SELECT state, count(*) AS orders FROM batch_orders WHERE batch_id = :id GROUP BY state")
_NAMED: Final = text("""
    SELECT b.order_id, o.tag, b.state, b.why, b.detail, o.paid_fen, o.ship_by_at,
        CASE WHEN b.state = 'waiting' THEN (
            SELECT jsonb_agg(jsonb_build_array(l.title, l.spec, l.quantity) ORDER BY l.position)
            FROM order_lines l WHERE l.order_id = o.id) END AS lines
    FROM batch_orders b JOIN orders o ON o.id = b.order_id
    WHERE b.batch_id = :id AND b.state = ANY(:states) ORDER BY b.place LIMIT :most
""")
_FORGET: Final = (
    text("DELETE FROM batch_orders USING batches b WHERE b.id = batch_id AND b.asked_at < :before"),
    text("DELETE FROM batches WHERE asked_at < :before"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be kept of a new batch. `details`: order id → what is its alone; `said`: as it is shown."""

    verb: str
    act: Act
    rows: Sequence[Row[Any]]
    said: Mapping[str, Any]
    details: Mapping[int, Mapping[str, Any]]
    place: str


def make(desk: Desk, wish: Wish, state: str) -> Batch:
    """`state`: asked, or running where there is nothing to ask."""
    actor = wish.act.actor
    assert actor.staff_id is not None  # only people say such things
    said = {
        **wish.said, "words": wish.act.words, "broad": wish.act.broad, "asker": actor.name,
        "until": wish.act.until.isoformat() if wish.act.until else None, "total": len(wish.rows),
    }  # fmt: skip
    batch = Batch(
        verb=wish.verb, state=state, said=said, asked_by=actor.staff_id, actor=packed(actor), place=wish.place,
        revision=1, asked_at=desk.now,
    )  # fmt: skip
    if state == "running":
        batch.acted_by, batch.acted_at = actor.staff_id, desk.now
    desk.session.add(batch)
    desk.session.flush()  # its orders name its id
    rows = [
        {"id": row.id, "place": place, "seen": row.revision, "detail": dict(wish.details.get(row.id, {}))}
        for place, row in enumerate(wish.rows)
    ]
    desk.session.execute(_ORDERS, {"batch": batch.id, "rows": orders.as_json(rows)})
    return batch


def locked(desk: Desk, batch_id: int) -> Batch:
    """The batch, for this transaction alone; whoever else wants it waits. Raises Refusal for none."""
    wanted = select(Batch).where(Batch.id == batch_id).with_for_update().execution_options(populate_existing=True)
    batch = desk.session.scalars(wanted).one_or_none()
    if batch is None:
        raise Refusal(f"没有{code_of(batch_id)}，请看卡片上的批次号")
    return batch


def free(desk: Desk, batch_id: int) -> Batch | None:
    """The same for a worker; None where somebody is at it just now."""
    wanted = select(Batch).where(Batch.id == batch_id).with_for_update(skip_locked=True)
    return desk.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def act_of(desk: Desk, batch: Batch, actor: Actor | None = None) -> Act:
    """Who acts, and what was said for all. A batch of one is a step like any other."""
    until = batch.said.get("until")
    return Act(
        actor or unpacked(batch.actor), desk.now, code_of(batch.id) if int(batch.said.get("total", 0)) > 1 else "",
        words=str(batch.said.get("words", "")), until=datetime.fromisoformat(until) if until else None,
        broad=bool(batch.said.get("broad")),
    )  # fmt: skip


def packed(actor: Actor) -> dict[str, Any]:
    roles = sorted(str(role) for role in actor.roles)
    return {"name": actor.name, "staff_id": actor.staff_id, "source": actor.source, "roles": roles}


def unpacked(actor: Mapping[str, Any]) -> Actor:
    return Actor(actor["name"], frozenset(map(Role, actor["roles"])), actor["staff_id"], actor["source"])


def counts(desk: Desk, batch_id: int) -> dict[str, int]:
    """How many of its orders are in which state."""
    return {row.state: row.orders for row in desk.session.execute(_COUNTS, {"id": batch_id})}


def named(desk: Desk, batch_id: int, states: Sequence[str], most: int) -> list[Row[Any]]:
    """The first of its orders in these states."""
    return list(desk.session.execute(_NAMED, {"id": batch_id, "states": list(states), "most": most}))


def changed(desk: Desk, batch: Batch) -> None:
    """It shows another face: its cards are owed it."""
    batch.revision += 1
    batch.shown_at = desk.now
    subject = f"batch:{batch.id}"
    owe.owe(desk, [owe.Owed(f"{subject}:edit:{batch.revision}", "staff", "edit", subject)])


def code_of(batch_id: int) -> str:
    """What people call it: 批7."""
    return f"批{batch_id}"


def forget(desk: Desk) -> None:
    """Nobody asks after a month what was done in one go; each order's trail knows it for ever."""
    for statement in _FORGET:
        desk.session.execute(statement, {"before": desk.now - _KEPT})
