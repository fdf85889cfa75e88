"""What ERPs tell of stock, and that nothing is counted twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Erp
from handlers import shelf, stock, watch
from handlers.desk import Desk, Refusal
from handlers.supply import levels as stock_levels
from handlers.supply.levels import Level
from models import Order, Shop, Stock
from tests.cast import Cast
from tests.factories import make_line, make_order, make_shop, make_stock


def told(desk: Desk, *levels: Level, net: bool = False, **more: Any) -> None:
    stock_levels.told(desk, "jst", levels, net=net, shops=more.get("shops", ()))
    desk.session.expire_all()


def row(session: Session, sku: str = "A") -> tuple[int, int, int]:
    found = session.scalars(select(Stock).where(Stock.sku == sku)).one()
    return found.on_hand, found.locked, found.incoming


def waiting(session: Session, sku: str = "A", quantity: int = 1, **changes: Any) -> Any:
    return make_order(session, lines=[make_line(sku, quantity=quantity)], **changes)


def test_what_its_orders_hold_for_the_hubs_orders_is_not_held_twice(desk: Desk, session: Session) -> None:
    waiting(session, quantity=3)

    told(desk, Level("A", 10, held=5, incoming=4))

    assert row(session) == (10, 2, 4), "5 are held: 3 of them for the order that waits here too"


def test_a_net_figure_gets_back_what_the_hub_will_take_off_again(desk: Desk, session: Session) -> None:
    waiting(session, quantity=3)

    told(desk, Level("A", 7, held=99), net=True)

    assert row(session) == (10, 0, 0)


def test_what_shops_need_that_the_erp_does_not_serve_it_does_not_hold(desk: Desk, session: Session) -> None:
    served, other = make_shop(session, slug="tb"), make_shop(session, slug="xls")
    waiting(session, quantity=2, shop_id=served.id)
    waiting(session, quantity=4, shop_id=other.id)

    told(desk, Level("A", 10, held=2), shops=["tb"])

    assert row(session) == (10, 0, 0)


def test_warehouses_add_up_and_the_last_word_counts(desk: Desk, session: Session) -> None:
    told(desk, Level("A", 10, warehouse="1"), Level("A", 5, warehouse="2"), Level("A", 4, warehouse="2"))
    assert row(session) == (14, 0, 0)

    told(desk, Level("A", 1, warehouse="1"))

    assert row(session) == (5, 0, 0)


def test_less_than_all_need_wakes_everybody_who_waits(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 10)
    first, second = waiting(session, quantity=3), waiting(session, quantity=3)
    watch.watch(desk, [first.id, second.id])
    session.expire_all()
    assert not first.lock_reason
    assert not second.lock_reason

    told(desk, Level("A", 4))
    assert (first.recheck_at, second.recheck_at) == (desk.now, desk.now)
    watch.watch(desk, [first.id, second.id])

    session.expire_all()
    assert not first.lock_reason
    assert "可用 1" in second.lock_reason


def test_what_others_hold_is_not_to_be_had(desk: Desk, session: Session, cast: Cast) -> None:
    order = waiting(session, quantity=3)
    told(desk, Level("A", 5, held=3 + 4, incoming=20))

    watch.watch(desk, [order.id])

    session.expire_all()
    assert order.lock_reason.endswith("要 3，可用 1，在途 20")


def test_goods_that_leave_are_counted_down_by_whoever_counts_them(desk: Desk, session: Session) -> None:
    make_stock(session, "B", 5)
    told(desk, Level("A", 5))
    order = make_order(session, lines=[make_line("A"), make_line("B")])

    stock.take(desk, [order.id])

    session.expire_all()
    assert row(session)[0] == 5, "the ERP will tell it"
    assert row(session, "B")[0] == 4


ERP = Erp(slug="jst", kind="jushuitan", name="聚水潭", gateway="http://127.0.0.1:1", app_key="k", app_secret="s",
          shops={"tb": "1"})  # fmt: skip


def outside(desk: Desk, session: Session, quantity: int) -> Desk:
    """So many pieces leave by a shop that the ERP does not serve, and as many by one that it serves."""
    served = replace(desk, settings=desk.settings.model_copy(update={"erp": (ERP,)}))
    for slug in ("tb", "xls"):
        shop = session.scalars(select(Shop).where(Shop.slug == slug)).one_or_none() or make_shop(session, slug=slug)
        order = make_order(session, shop_id=shop.id, stage="done", lines=[make_line("A", quantity=quantity)])
        stock.take(served, [order.id])
    session.expire_all()
    return served


def test_what_a_shop_outside_the_erp_ships_is_taken_off_until_the_erp_counts_anew(desk: Desk, session: Session) -> None:
    told(desk, Level("A", 5, held=1))
    served = outside(desk, session, 2)
    assert row(session)[0] == 3

    told(desk, Level("A", 5, held=1))
    assert row(session)[0] == 3, "it tells the same: it does not know"
    told(desk, Level("A", 4, held=0))
    assert row(session)[0] == 2, "one of its own left"
    view = shelf.show(served, "A")
    assert (view.on_hand, view.outside) == (2, 2)

    told(desk, Level("A", 9))
    assert row(session)[0] == 9, "somebody counted there"
    assert shelf.show(served, "A").outside == 0


def test_what_had_not_left_after_all_lies_there_as_before(desk: Desk, session: Session) -> None:
    told(desk, Level("A", 5, held=1))
    served = outside(desk, session, 2)

    stock.put_back(served, list(session.scalars(select(Order.id))))
    session.expire_all()

    assert row(session)[0] == 5
    assert shelf.show(served, "A").outside == 0
    told(desk, Level("A", 5, held=1))
    assert row(session)[0] == 5


def test_a_net_figure_is_told_anew_by_any_other(desk: Desk, session: Session) -> None:
    told(desk, Level("A", 5), net=True)
    outside(desk, session, 2)
    told(desk, Level("A", 5), net=True)
    assert row(session)[0] == 3
    told(desk, Level("A", 3), net=True)
    assert row(session)[0] == 3


def test_more_than_there_is_leaves_nothing(desk: Desk, session: Session) -> None:
    told(desk, Level("A", 1))
    outside(desk, session, 2)
    assert row(session)[0] == 0
    told(desk, Level("A", 1))
    assert row(session)[0] == 0


def test_nobody_recounts_what_an_erp_counts(desk: Desk, session: Session, cast: Cast) -> None:
    told(desk, Level("A", 5))

    with pytest.raises(Refusal, match="请在那里盘点"):
        shelf.recount(desk, "A", 9, cast.zhaojie)

    assert stock.count_many(desk, {"A": 9, "B": 1}).of_erp == ("A",)
    assert row(session)[0] == 5


def test_the_same_again_changes_and_wakes_nothing(desk: Desk, session: Session) -> None:
    order = waiting(session)
    told(desk, Level("A", 0))
    order.recheck_at = None
    session.flush()

    told(desk, Level("A", 0))

    assert order.recheck_at is None


def test_the_shelf_shows_who_holds_what(desk: Desk, session: Session) -> None:
    order = waiting(session, quantity=3)
    told(desk, Level("A", 10, held=5, incoming=4))

    view = shelf.show(desk, "A")

    assert (view.on_hand, view.locked, view.waiting_pieces, view.incoming) == (10, 2, 3, 4)
    assert [one.tag for one in view.waiting] == [order.tag]
    assert view.source == "jst"
