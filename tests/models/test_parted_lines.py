"""What open orders need, where a line leaves later than the others, has left, or waits for its refund."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.stages import OPEN, Stage
from tests.factories import make_line, make_order

ROWS = text("SELECT sku, pieces, place, later FROM waiting_lines ORDER BY sku")
NEEDS = text("SELECT sku, sum(pieces)::int FROM sku_needs GROUP BY sku HAVING sum(pieces) <> 0 ORDER BY sku")


def parted(session: Session, stage: Stage, **parting: str) -> int:
    lines = [make_line(sku, quantity=number) for number, sku in enumerate(("A", "B", "C"), 1)]
    order = make_order(session, stage=str(stage), lines=lines)
    for sku, how in parting.items():
        session.execute(text("UPDATE order_lines SET parting = :how WHERE sku = :sku"), {"how": how, "sku": sku})
    return order.id


@pytest.mark.parametrize("stage", OPEN)
def test_what_left_or_is_paid_back_is_not_needed_and_what_leaves_later_is_promised_nothing(
    session: Session, stage: Stage
) -> None:
    parted(session, stage, A="later", B="gone")
    place = int(stage is Stage.PENDING_REVIEW)

    assert session.execute(ROWS).all() == [("A", 1, 1, True), ("C", 3, place, False)]
    session.execute(text("UPDATE order_lines SET parting = 'refund' WHERE sku = 'C'"))
    assert session.execute(ROWS).all() == [("A", 1, 1, True)]
    assert session.execute(NEEDS).all() == [("A", 1)]


def test_a_step_of_the_order_moves_only_what_leaves_now(session: Session) -> None:
    order_id = parted(session, Stage.PENDING_REVIEW, A="later")

    session.execute(text("UPDATE orders SET stage = 'pending_pick' WHERE id = :id"), {"id": order_id})
    assert session.execute(ROWS).all() == [("A", 1, 1, True), ("B", 2, 0, False), ("C", 3, 0, False)]
    session.execute(text("UPDATE orders SET stage = 'done' WHERE id = :id"), {"id": order_id})
    assert session.execute(ROWS).all() == []
