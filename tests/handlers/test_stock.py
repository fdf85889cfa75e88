from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import stock, watch
from handlers.desk import Desk
from models import Stock
from tests.cast import Cast
from tests.factories import make_line, make_order, make_stock


def shelf(session: Session) -> dict[str, int]:
    rows = session.scalars(select(Stock).execution_options(populate_existing=True))
    return {row.sku: row.on_hand for row in rows}


def test_the_settings_fill_an_empty_shelf_and_count_nothing_twice(desk: Desk, session: Session) -> None:
    stocked = Desk(session, desk.now, desk.settings.model_copy(update={"stock": {"A": 5, "B": 1}}))
    make_stock(session, "A", 2)

    stock.seed_stock(stocked)
    stock.seed_stock(desk)

    assert shelf(session) == {"A": 2, "B": 1}


def test_what_left_is_no_longer_there_but_never_less_than_nothing(desk: Desk, session: Session) -> None:
    make_stock(session, "A", 5)
    make_stock(session, "B", 1)
    lines = [make_line("A", quantity=2), make_line("A"), make_line("B", quantity=3), make_line("A", refund="refunded")]
    order = make_order(session, lines=lines)

    stock.take(desk, [order.id])
    stock.take(desk, [])
    stock.freed(desk, [])

    assert shelf(session) == {"A": 2, "B": 0}


def test_new_goods_wake_the_orders_that_wait_for_them(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 0)
    make_stock(session, "B", 0)
    short, other = make_order(session, lines=[make_line("A")]), make_order(session, lines=[make_line("B")])
    watch.watch(desk, [short.id, other.id])

    stock.count(desk, "A", 7)

    session.expire_all()
    assert short.recheck_at == desk.now
    assert other.recheck_at != desk.now
    watch.watch(desk, [short.id])
    session.expire_all()
    assert (short.lock_reason, shelf(session)["A"]) == ("", 7)
    assert stock.count(desk, "A", 8) == 7
    assert stock.count(desk, "C", 1) is None
    assert shelf(session)["C"] == 1
