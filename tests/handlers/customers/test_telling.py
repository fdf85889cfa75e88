from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.customers import binding, notices, telling
from handlers.desk import Actor, Desk
from models import CustomerWay, Notification
from tests.factories import NOW, make_customer, make_line, make_order


def owed(session: Session) -> list[Notification]:
    return list(session.scalars(select(Notification).where(Notification.channel == "customer")))


def test_an_event_is_owed_once_with_what_is_true_of_the_order(desk: Desk, session: Session) -> None:
    make_customer(session)
    one = make_order(session, lines=[make_line()], lock_reason="缺货")
    other = make_order(session, buyer_key="nobody")

    for _ in range(2):
        telling.tell(desk, [one.id, other.id], "shipped", occasion="7", more={"reason": "商品缺货"})

    (row,) = owed(session)
    assert row.dedupe_key == f"order:{one.id}:shipped:7:customer"
    assert (row.body["values"]["goods"], row.body["values"]["reason"]) == ("马克杯 红色", "商品缺货")


def test_what_is_switched_off_is_not_owed(desk: Desk, session: Session) -> None:
    make_customer(session)
    one = make_order(session)
    before = notices.notice(desk, "shipped")
    notices.put(desk, Actor("陈姐"), (before, replace(before, on=False)), "关")

    telling.tell(desk, [one.id], "shipped", occasion="1")

    assert owed(session) == []


def test_who_is_reached_on_another_way_alone_is_told_too(desk: Desk, session: Session) -> None:
    one = make_order(session)
    session.add(CustomerWay(shop_id=1, buyer_key="buyer-1", channel="wecom_kf", address="wm1", bound_at=NOW))
    session.flush()

    telling.tell(desk, [one.id], "shipped", occasion="1")

    (row,) = owed(session)
    assert row.recipient == "wecom_kf:wm1"
    assert row.body["order"] == one.id


def test_who_left_and_has_no_other_way_is_owed_nothing(desk: Desk, session: Session) -> None:
    make_customer(session)
    binding.leaves(desk, "oCustomer1")
    telling.tell(desk, [make_order(session).id], "shipped", occasion="1")
    assert owed(session) == []
