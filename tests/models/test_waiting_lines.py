"""What open orders need is kept by the database, whoever changes orders and lines, one by one or in bulk."""

from __future__ import annotations

import random
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.stages import Stage
from tests.factories import NOW, make_line, make_order

WANTED = text("""
    SELECT o.id, l.sku, sum(l.quantity)::int, CASE WHEN o.stage = 'pending_review' THEN 1 ELSE 0 END,
        greatest(o.ship_by_at, o.not_before_at), coalesce(o.paid_at, o.created_at)
    FROM orders o JOIN order_lines l ON l.order_id = o.id
    WHERE o.stage IN ('pending_review', 'pending_pick', 'pending_ship') AND NOT l.shipped AND l.refund <> 'refunded'
    GROUP BY o.id, l.sku ORDER BY 1, 2
""")
KEPT = text("SELECT order_id, sku, pieces, place, due_at, at FROM waiting_lines ORDER BY order_id, sku")
# Of every SKU that is needed, as the lines say and as its own rows say.
SUMS = text("SELECT sku, sum(pieces)::int FROM waiting_lines GROUP BY sku ORDER BY sku")
NEEDS = text("SELECT sku, sum(pieces)::int FROM sku_needs GROUP BY sku HAVING sum(pieces) <> 0 ORDER BY sku")
CHANGES = (
    "UPDATE orders SET stage = :stage WHERE id = ANY(:ids)",
    "UPDATE orders SET paid_at = :at WHERE id = ANY(:ids)",
    "UPDATE orders SET recheck_at = :at WHERE id = ANY(:ids)",
    "UPDATE orders SET ship_by_at = :at WHERE id = ANY(:ids)",
    "UPDATE orders SET ship_by_at = NULL WHERE id = ANY(:ids)",
    "UPDATE orders SET not_before_at = :at, stage = :stage WHERE id = ANY(:ids)",
    "UPDATE order_lines SET quantity = quantity + 1 WHERE order_id = ANY(:ids)",
    "UPDATE order_lines SET shipped = NOT shipped WHERE order_id = ANY(:ids)",
    "UPDATE order_lines SET refund = 'refunded' WHERE order_id = ANY(:ids) AND sku = 'A'",
    "DELETE FROM order_lines WHERE order_id = ANY(:ids) AND sku = 'B'",
    "UPDATE waiting_lines SET place = place WHERE order_id = ANY(:ids)",
    "INSERT INTO order_lines SELECT order_id, line_key || 'x', position, 'C', platform_sku, title, spec, quantity, "
    "price_fen, paid_fen, refund, shipped FROM order_lines WHERE order_id = ANY(:ids) ON CONFLICT DO NOTHING",
)


@pytest.mark.parametrize("seed", [secrets.randbits(16) for _ in range(5)], ids=range(5))
def test_it_is_always_what_the_orders_say(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    ids = []
    for number in range(30):
        lines = [make_line(line_key=f"{number}-{place}", sku=chance.choice("AB"), quantity=place + 1)
                 for place in range(chance.randint(1, 3))]  # fmt: skip
        ids.append(make_order(session, lines=lines, stage=chance.choice(list(Stage))).id)
    session.flush()
    for _step in range(25):
        values = {"stage": chance.choice(list(Stage)), "at": NOW + timedelta(minutes=chance.randint(0, 99)),
                  "ids": chance.sample(ids, chance.randint(1, 12))}  # fmt: skip
        session.execute(text(chance.choice(CHANGES)), values)
        assert session.execute(KEPT).all() == session.execute(WANTED).all()
        assert session.execute(NEEDS).all() == session.execute(SUMS).all()
    make_order(session, lines=[make_line(line_key="last", sku="A")], stage=Stage.PENDING_PICK)  # chance may leave none
    session.flush()
    kept = session.execute(KEPT).all()
    assert kept
    assert kept == session.execute(WANTED).all()
    assert session.execute(NEEDS).all() == session.execute(SUMS).all() != []


def test_a_line_that_is_changed_by_hand_changes_what_is_needed(session: Session) -> None:
    make_order(session, lines=[make_line(sku="A", quantity=2)])
    session.flush()
    session.execute(text("UPDATE waiting_lines SET pieces = 5"))
    assert session.execute(NEEDS).all() == [("A", 5)]
    session.execute(text("UPDATE waiting_lines SET sku = 'B'"))
    assert session.execute(NEEDS).all() == [("B", 5)]
