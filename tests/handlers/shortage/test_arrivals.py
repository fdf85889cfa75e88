"""Goods come in: locks fall by deadline first, and the card and the group hear of it once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, show, stock
from handlers.desk import Desk
from handlers.views import CaseView
from models import Notification, Order
from tests.cast import Cast
from tests.factories import make_line, make_order, make_stock, typed
from tests.handlers.shortage.test_matters import cases, look_at

SKU = "QH-CUP-RED"
HOUR = timedelta(hours=1)


def group_heard(session: Session) -> list[str]:
    found = select(Notification).where(Notification.channel == "group", Notification.purpose == "text")
    return [row.body["text"] for row in session.scalars(found.order_by(Notification.id))]


def waiting(desk: Desk, hours: tuple[int, ...]) -> list[Order]:
    """Short orders with so many hours left, paid one after the other, the last first."""
    orders = [
        make_order(
            desk.session, lines=[make_line(quantity=2)], ship_by_at=desk.now + left * HOUR,
            paid_at=desk.now - place * timedelta(minutes=1),
        ) for place, left in enumerate(hours)
    ]  # fmt: skip
    look_at(desk, orders)
    return orders


def free(session: Session, orders: list[Order]) -> list[bool]:
    session.expire_all()
    return [order.lock_reason == "" for order in orders]


def test_a_count_releases_by_deadline_and_says_so_once_on_the_card_and_in_the_group(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, SKU, 0)
    orders = waiting(desk, (30, 10, 20))

    commands.run(desk, typed(f"库存 {SKU} 5"), cast.zhaojie)
    due.look(desk)
    due.look(desk)

    assert free(session, orders) == [False, True, True]
    said = "到货 5 件，放行 2 单，还差 1 单（1 件）"
    assert group_heard(session) == [f"马克杯 红色（{SKU}）{said}。按发货期限先后放行"]
    (one,) = cases(session)
    view = show.show(desk, f"case:{one.id}", None)
    assert isinstance(view, CaseView)
    assert view.lines[0] == said

    stock.count(desk, SKU, 40)
    due.look(desk)

    assert free(session, orders) == [True, True, True]
    assert group_heard(session)[1:] == [
        f"马克杯 红色（{SKU}）到货 35 件，放行 1 单，没有订单再缺它。按发货期限先后放行"
    ]
    (ended,) = cases(session, "shortage", "solved")
    assert ended.solution == "到货 35 件，放行 1 单，没有订单再缺它"


def test_of_the_same_deadline_who_paid_first_goes_first(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 0)
    orders = waiting(desk, (20, 20, 20))

    stock.count(desk, SKU, 4)
    due.look(desk)

    assert free(session, orders) == [False, True, True]


def test_too_little_for_anybody_stands_on_the_card_only(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 0)
    waiting(desk, (20,))

    stock.count(desk, SKU, 1)
    due.look(desk)

    assert group_heard(session) == []
    assert cases(session)[0].evidence["news"] == "到货 1 件，放行 0 单，还差 1 单（1 件）"


def test_nothing_is_said_while_orders_are_still_to_be_looked_at(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 0)
    orders = waiting(desk, (20, 30, 40))

    stock.count(desk, SKU, 9)
    due.look(desk, limit=1)
    assert group_heard(session) == []
    due.look(desk, limit=1)
    due.look(desk, limit=1)

    assert free(session, orders) == [True, True, True]
    assert [words.partition("）")[2] for words in group_heard(session)] == [
        "到货 9 件，放行 3 单，没有订单再缺它。按发货期限先后放行"
    ]


def test_less_is_no_arrival_and_what_is_cancelled_was_not_released(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 1)
    first, _ = waiting(desk, (20, 30))
    stock.count(desk, SKU, 0)
    first.effect = "cancelled"
    look_at(desk, [first])
    due.look(desk)

    (one,) = cases(session)
    assert "news" not in one.evidence
    assert group_heard(session) == []
