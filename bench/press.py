"""Bar 10: a press on a card, as a door has it done, against one bare UPDATE and its commit on the same table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text

from bench import orders
from bench.harness import Bench, Figure, count, milliseconds, pairs, stopwatch
from handlers import pressing
from handlers.desk import Actor
from handlers.incoming import Incoming, Press
from models import Role
from wire import Hub, enqueue

ACTOR: Final = Actor("小李", frozenset({Role.SERVICE}), 1, "wecom_app")

_READY: Final = text("""
    SELECT id, revision FROM orders WHERE stage = 'pending_review' AND id > :after ORDER BY id LIMIT :many
""")
_CASES: Final = text("""
    INSERT INTO cases (kind, order_id, role, reason, evidence, opened_at, due_at)
    SELECT 'stale_stage', id, 'service', '在待审核超过 2 小时', '{"stage": "pending_review"}', :now, :now
    FROM unnest(cast(:ids AS bigint[])) AS id
""")
_CARDS: Final = text("""
    INSERT INTO sent_cards (channel, recipient, task_id, subject, revision, sent_at)
    SELECT 'wecom_app', who, 'bench-' || c.id || '-' || who, 'case:' || c.id, 1, :now
    FROM cases c, unnest(ARRAY['1', '2', '4']) AS who WHERE c.order_id = ANY(:ids)
""")
_BARE: Final = text("UPDATE orders SET stage = 'pending_pick', revision = revision + 1 WHERE id = :id")


def measure(bench: Bench) -> list[Figure]:
    many = 30 if bench.quick else 200
    hub = bench.hub(orders.filled(bench), enqueue)
    sides = _Sides(hub, many)
    seconds = pairs(sides.press, sides.bare)
    edits = count(hub.engine, "SELECT count(*) FROM notifications WHERE purpose = 'edit'")
    assert edits >= many * len(seconds.ours), "the other copies' changes are not owed"
    bare = f"UPDATE {milliseconds(seconds.theirs)}"
    return [Figure(10, "press", milliseconds(seconds.ours), bare, seconds.slower, 6, at_least=False)]


class _Sides:
    """Each order is pressed once: it moves on."""

    def __init__(self, hub: Hub, many: int) -> None:
        self._hub, self._many, self._after = hub, many, 0

    def press(self) -> float:
        """Seconds per press on the card of a late order, of which there are three copies."""
        ready = self._take(with_cards=True)
        with stopwatch() as taken:
            for order_id, revision in ready:
                with self._hub.open_desk() as desk:
                    pressing.press(desk, _incoming(order_id, revision), ACTOR)
        return taken[0] / self._many

    def bare(self) -> float:
        ready = self._take(with_cards=False)
        with stopwatch() as taken:
            for order_id, _ in ready:
                with self._hub.sessions() as session:
                    session.execute(_BARE, {"id": order_id})
                    session.commit()
        return taken[0] / self._many

    def _take(self, *, with_cards: bool) -> list[tuple[int, int]]:
        with self._hub.sessions() as session:
            found = [(row.id, row.revision) for row in session.execute(
                _READY, {"after": self._after, "many": self._many}
            )]  # fmt: skip
            assert len(found) == self._many, "the filled table has too few open orders"
            self._after = found[-1][0]
            if with_cards:
                values = {"ids": [order_id for order_id, _ in found], "now": datetime.now(UTC)}
                session.execute(_CASES, values)
                session.execute(_CARDS, values)
            session.commit()
        return found


def _incoming(order_id: int, revision: int) -> Incoming:
    press = Press("approve", f"order:{order_id}", revision)
    return Incoming("wecom_app", f"press-{order_id}", "xiaoli", "xiaoli", False, datetime.now(UTC), press=press)
