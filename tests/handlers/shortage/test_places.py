"""The queue for the last pieces: passed audits first, then deadlines, then who paid first; and it moves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import due, stock, watch
from handlers.desk import Desk
from handlers.shortage import places
from models import Order
from models.stages import Stage
from tests.cast import Cast
from tests.factories import make_case, make_line, make_order, make_stock

SKU = "QH-CUP-RED"
HOUR = timedelta(hours=1)


def waiting(session: Session, now: datetime, due_in: int | None, paid: int = 1, **changes: object) -> Order:
    ship_by_at = now + due_in * HOUR if due_in is not None else None
    return make_order(session, ship_by_at=ship_by_at, paid_at=now - paid * HOUR, **changes)  # type: ignore[arg-type]


def looked_at(desk: Desk, *orders: Order) -> list[bool]:
    """Whether each is short."""
    watch.watch(desk, [order.id for order in orders])
    desk.session.expire_all()
    return ["缺货" in order.lock_reason for order in orders]


def test_the_nearest_deadline_gets_it_then_who_paid_first_and_who_has_none_last(
    desk: Desk, session: Session, cast: Cast
) -> None:
    without = waiting(session, desk.now, None, paid=9)
    late, early, first = (waiting(session, desk.now, *one) for one in ((30, 5), (20, 1), (20, 2)))
    for pieces, short in ((0, "1111"), (1, "1110"), (2, "1100"), (3, "1000"), (4, "0000")):
        if pieces == 0:
            make_stock(session, SKU, 0)
        else:
            stock.count(desk, SKU, pieces)
        found = looked_at(desk, without, late, early, first)
        assert "".join(str(int(one)) for one in found) == short, pieces


def test_an_agreed_later_day_lets_others_go_first(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 1)
    held = waiting(session, desk.now, 20, not_before_at=desk.now + 72 * HOUR)
    other = waiting(session, desk.now, 30)

    assert looked_at(desk, held, other) == [True, False]


def test_one_of_a_nearer_deadline_takes_the_piece_and_the_other_is_locked_by_the_next_look(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, SKU, 1)
    first = waiting(session, desk.now, 30)
    assert looked_at(desk, first) == [False]
    urgent = waiting(session, desk.now, 10)
    assert looked_at(desk, urgent) == [False]

    due.look(desk)
    session.expire_all()
    assert first.recheck_at == desk.now
    due.look(desk)

    session.expire_all()
    assert ("缺货" in first.lock_reason, urgent.lock_reason) == (True, "")


def test_a_deadline_that_is_put_off_frees_the_piece_for_the_next(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 1)
    first, second = waiting(session, desk.now, 10), waiting(session, desk.now, 30)
    assert looked_at(desk, first, second) == [False, True]
    first.ship_by_at = desk.now + 90 * HOUR
    session.flush()

    places.wake(desk)

    session.expire_all()
    assert [order.recheck_at for order in (first, second)] == [desk.now, desk.now]
    assert looked_at(desk, first, second) == [True, False]


def test_what_stands_right_what_a_person_let_go_and_what_breaks_the_code_is_left_alone(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, SKU, 0)
    make_stock(session, "PLENTY", 9)
    right, let_go, broken = (waiting(session, desk.now, hours) for hours in (10, 20, 30))
    looked_at(desk, right)
    make_case(session, let_go, kind="short_stock", state="solved", solved_by=1, evidence={"skus": [SKU], "mark": "x"})
    make_case(session, broken, kind="look_failed")
    later = desk.now + 5 * HOUR
    for order in (right, let_go, broken):
        order.recheck_at = later
    session.flush()

    places.wake(desk)

    session.expire_all()
    assert [order.recheck_at for order in (right, let_go, broken)] == [later] * 3


def test_what_no_look_can_judge_is_not_woken_for_ever(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 0)
    order = waiting(session, desk.now, 20, lines=[make_line(sku=SKU), make_line(sku="NEVER-COUNTED")])
    assert looked_at(desk, order) == [True]
    stock.count(desk, SKU, 5)

    assert looked_at(desk, order) == [False], "what was short is there; of the other nobody knows"
    places.wake(desk)

    session.expire_all()
    assert order.recheck_at is None or order.recheck_at > desk.now


def _needs(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(text("SELECT sum(pieces), count(*) FROM sku_needs"))]


def test_what_is_needed_of_a_sku_is_added_up_and_stays_what_it_is(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [waiting(session, desk.now, 20) for _ in range(9)]
    session.flush()
    assert _needs(session) == [(9, 9)]
    places.add_up(desk)
    assert _needs(session) == [(9, 1)]
    for order in orders:
        order.stage = Stage.DONE
        session.flush()
    places.add_up(desk)
    assert _needs(session) == [(None, 0)]


def test_two_clocks_that_add_up_at_once_lose_nothing(
    settings: Settings, now: datetime, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        for _ in range(9):
            waiting(session, now, 20)
            session.flush()
        session.commit()
    with sessions() as one, sessions() as other:
        places.add_up(Desk(session=one, now=now, settings=settings))
        places.add_up(Desk(session=other, now=now, settings=settings))
        one.commit()
        other.commit()
    with sessions() as session:
        assert _needs(session) == [(9, 1)]
