"""What customers write of goods that came wrong: it reaches after-sales, and they hear so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.customers import hearing, service
from handlers.desk import Desk
from models import Case, CustomerWay, Notification
from tests.cast import Cast
from tests.factories import NOW, make_customer, make_order

OPENID = "oCustomer1"


def cases(session: Session) -> list[Case]:
    session.expire_all()
    return list(session.scalars(select(Case).where(Case.kind == "wrong_goods").order_by(Case.id)))


def test_a_bound_customers_complaint_is_a_matter_for_after_sales(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    old = make_order(session, stage="done", created_at=NOW - timedelta(days=9))
    newest = make_order(session, stage="done", created_at=NOW - timedelta(days=2))
    make_order(session)  # not gone yet
    answer = hearing.hear(desk, OPENID, "收到的杯子碎了一个！电话13800001234")
    assert answer.startswith(f"订单 …{newest.external_id[-4:]} 的问题已转给售后")
    (case,) = cases(session)
    assert (case.order_id, case.role) == (newest.id, "service")
    assert case.reason.startswith("破损：")
    assert case.reason.endswith("（客户说）")
    assert "13800001234" not in case.reason
    hearing.hear(desk, OPENID, "还少了一件")
    (case,) = cases(session)
    assert "又少件：还少了一件（客户说）" in case.reason
    assert case.order_id != old.id


def test_with_the_orders_number_it_is_that_orders(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="done")
    answer = hearing.hear(desk, "oOther", f"{order.external_id} 1234 发错颜色了")
    assert "的问题已转给售后" in answer
    assert f"订单 {order.external_id}：" in answer
    assert cases(session)[0].order_id == order.id


@pytest.mark.parametrize("words", ["谢谢，没有破损", "东西很好"])
def test_praise_is_none(desk: Desk, session: Session, cast: Cast, words: str) -> None:
    make_customer(session)
    make_order(session, stage="done")
    hearing.hear(desk, OPENID, words)
    assert cases(session) == []


def test_a_stranger_is_asked_for_the_order(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, stage="done")
    assert "订单号" in hearing.hear(desk, "oStranger", "少了一个杯子")
    assert cases(session) == []


def test_what_has_not_left_cannot_have_come_wrong(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    make_order(session)
    hearing.hear(desk, OPENID, "少了一个杯子")
    assert cases(session) == []


def test_in_the_customer_service_chat_it_is_heard_too(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, stage="done")
    way = {"shop_id": 1, "buyer_key": "buyer-1", "channel": "wecom_kf", "address": "wmK1", "bound_at": NOW}
    session.add(CustomerWay(**way))
    session.flush()
    service.heard(desk, "wmK1", "包裹是空的", ("m1", NOW))
    assert [case.evidence["what"] for case in cases(session)] == ["missing"]
    told = session.scalars(select(Notification).where(Notification.channel == "customer_kf")).one()
    assert "已转给售后" in told.body["text"]
