"""How an order was when it was approved is kept by the database, whoever approves it, one by one or in bulk."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models import AuditedOrder
from models.stages import Stage
from tests.factories import make_line, make_order

MOVE = text("UPDATE orders SET stage = :stage WHERE id = ANY(:ids)")


def kept(session: Session) -> list[AuditedOrder]:
    return list(session.scalars(select(AuditedOrder).order_by(AuditedOrder.order_id)))


def test_an_approval_keeps_message_memo_receiver_and_goods(session: Session) -> None:
    lines = [make_line(platform_sku="P-1", quantity=2), make_line(platform_sku="", sku="Q", quantity=1)]
    orders = [
        make_order(session, lines=lines, buyer_message="红色", receiver_key="addr"),
        make_order(session, lines=[]),
    ]

    session.execute(MOVE, {"stage": "pending_pick", "ids": [one.id for one in orders]})

    first, second = kept(session)
    assert (first.order_id, first.message, first.memo, first.receiver_key) == (orders[0].id, "红色", "", "addr")
    assert first.goods == {"P-1": 2, "Q": 1}
    assert second.goods == {}


@pytest.mark.parametrize("stage", [Stage.PENDING_REVIEW, Stage.DONE, Stage.CANCELLED])
def test_it_goes_when_the_order_goes_back_or_leaves(session: Session, stage: Stage) -> None:
    order = make_order(session)
    for step in ("pending_pick", "pending_ship"):
        session.execute(MOVE, {"stage": step, "ids": [order.id]})
        assert len(kept(session)) == 1

    session.execute(MOVE, {"stage": str(stage), "ids": [order.id]})

    assert kept(session) == []


def test_what_comes_in_as_approved_elsewhere_has_none(session: Session) -> None:
    make_order(session, stage="pending_pick")

    assert kept(session) == []
