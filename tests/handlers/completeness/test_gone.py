"""An open order that its platform knows no more is locked and told once; a person closes it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers import due, show, trail
from handlers.completeness import gone
from handlers.desk import Desk
from handlers.views import OrderView
from models import Case, Order
from tests.cast import Cast
from tests.factories import make_order


@pytest.fixture
def order(session: Session) -> Order:
    return make_order(session)


def cases(session: Session) -> list[Case]:
    found = select(Case).where(Case.kind == "order_gone").order_by(Case.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def test_it_is_told_once_and_locks_the_order(desk: Desk, session: Session, cast: Cast, order: Order) -> None:
    for _ in range(2):
        gone.seen(desk, {order.id: False})
    (case,) = cases(session)
    assert (case.role, case.state, case.blocks) == ("service", "open", True)
    assert case.reason.startswith("平台已经查不到这个订单")
    assert trail.verify(session, f"case:{case.id}")
    due.look(desk)
    session.refresh(order)
    assert "平台查不到订单" in order.lock_reason
    view = show.show_order(desk, order.id, cast.xiaoli)
    assert isinstance(view, OrderView)
    assert "平台查不到订单" in view.lock_reason


def test_what_a_person_settled_is_not_told_again(desk: Desk, session: Session, order: Order) -> None:
    gone.seen(desk, {order.id: False})
    session.execute(update(Case).values(state="solved"))
    gone.seen(desk, {order.id: False})
    assert len(cases(session)) == 1


def test_an_order_that_the_platform_knows_again_is_free(desk: Desk, session: Session, order: Order) -> None:
    gone.seen(desk, {order.id: False})
    due.look(desk)
    gone.seen(desk, {order.id: True})
    due.look(desk)
    session.refresh(order)
    assert (cases(session)[0].state, cases(session)[0].solution) == ("solved", "平台又查得到了")
    assert "平台查不到" not in order.lock_reason


def test_what_the_platform_knows_is_no_matter(desk: Desk, session: Session, order: Order) -> None:
    gone.seen(desk, {order.id: True})
    gone.seen(desk, {})
    assert cases(session) == []
