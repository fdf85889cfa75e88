"""Bar 6: one look for what is due, with one order in a hundred due, at ten million orders against a hundred thousand.
Each look is rolled back, so that the same matters are due for the next."""

from __future__ import annotations

import contextlib
from typing import Final

from sqlalchemy import text

from bench import orders
from bench.harness import NOW, Bench, Figure, count, milliseconds, pairs, stopwatch
from handlers import due
from handlers.desk import Desk
from wire import Hub

SMALL: Final = 100_000
LIMIT: Final = 500

# Matters whose next step is due, as many as a look takes, in the proportion of a working day.
_CASES: Final = text("""
    INSERT INTO cases (kind, order_id, role, owner_id, state, reason, evidence, opened_at, claimed_until, steps, step,
        due_at)
    SELECT 'address_vague', id, 'service', CASE WHEN claimed THEN 1 END,
        CASE WHEN claimed THEN 'claimed' ELSE 'open' END, '缺区县', '{"mark": "缺区县"}', :now - interval '2 hours',
        CASE WHEN claimed THEN :now - interval '1 minute' END,
        '[{"after": 0, "tell": ["group"]}, {"after": 15, "tell": ["role"]}, {"after": 120, "tell": ["supervisor"]}]', 1,
        :now - interval '1 minute'
    FROM (SELECT id, row_number() OVER (ORDER BY id) % 3 = 0 AS claimed FROM orders
          WHERE stage = 'pending_review' ORDER BY id LIMIT :many) AS late
""")


def measure(bench: Bench) -> list[Figure]:
    many = 1_000_000 if bench.quick else 10_000_000
    small, large = _made(bench, "due_small", SMALL), _made(bench, "due_large", many)
    seconds = pairs(lambda: _look(large), lambda: _look(small))
    what, other = f"look, {many:,} orders", f"{SMALL:,} orders {milliseconds(seconds.theirs)}"
    bench.drop("due_large")
    return [Figure(6, what, milliseconds(seconds.ours), other, seconds.slower, 2, at_least=False)]


def _made(bench: Bench, database: str, many: int) -> Hub:
    """Lines only for the orders that a look sees: the others' are never asked for."""
    hub = bench.hub(database, stock=orders.stock())
    orders.fill(bench.engine(database), many, lines_of="o.stage <> 'done'")
    with hub.sessions() as session:
        session.execute(_CASES, {"now": NOW, "many": LIMIT // 2})
        session.commit()
    assert count(hub.engine, "SELECT count(*) FROM orders WHERE recheck_at <= :now", now=NOW) == many // 100
    _look(hub)  # both start with a warm cache
    return hub


def _look(hub: Hub) -> float:
    with hub.sessions() as session, contextlib.ExitStack() as undo:
        undo.callback(session.rollback)
        with stopwatch() as taken:
            seen = due.look(Desk(session=session, now=NOW, settings=hub.settings), LIMIT)
            session.flush()
        assert seen > LIMIT, seen
    return taken[0]
