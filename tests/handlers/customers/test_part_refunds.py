"""A part of an order is paid back: which goods, how much, and what still comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import gather, watch
from handlers.customers import filling, hearing, notices, part_refunds
from handlers.desk import Desk
from models import Notification, Order, OrderLine
from tests.conftest import settings_document
from tests.factories import NOW, make_customer, make_line, make_order

REFUNDED = {"id": "tmpl-refund-0001", "keys": {"number": "character_string1", "goods": "thing2", "amount": "amount3"}}


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"]["refunded"] = REFUNDED
    return parse(document)


def an_order(session: Session, **changes: Any) -> Order:
    lines = [make_line(refund="refunded", paid_fen=6900), make_line("QH-PLATE", title="餐盘", spec="", quantity=2),
             make_line("QH-BOWL", title="碗", spec="", paid_fen=3000)]  # fmt: skip
    return make_order(session, **{"refund": "part", "lines": lines, **changes})


def look(desk: Desk, one: Order) -> None:
    part_refunds.look(desk, [one.id], gather.lines_of(desk, [one.id]))


def told(session: Session) -> list[Notification]:
    rows = select(Notification).where(Notification.channel == "customer").order_by(Notification.id)
    return [one for one in session.scalars(rows) if one.body["template"] == "part_refunded"]


def test_its_buyer_hears_of_goods_money_and_the_rest_once(desk: Desk, session: Session) -> None:
    make_customer(session)
    one = an_order(session)

    for _ in range(2):
        look(desk, one)

    (row,) = told(session)
    said = filling.letter(desk, "part_refunded", [row.body["values"]])
    assert said.words == (
        f"您的订单 {one.external_id} 里的 马克杯 红色 已退款 ¥69.00，请以付款平台的到账通知为准。"
        "其余商品：餐盘 ×2、碗，预计 12-24 10:00 前发出。"
    )
    assert said.filled["wechat_oa"].values == {
        "character_string1": one.external_id, "thing2": "马克杯 红色", "amount3": "¥69.00",
    }  # fmt: skip


def test_more_that_is_paid_back_is_news(desk: Desk, session: Session) -> None:
    make_customer(session)
    one = an_order(session)
    look(desk, one)
    session.get_one(OrderLine, (one.id, "2")).refund = "refunded"
    session.flush()

    look(desk, one)

    _, second = told(session)
    assert (second.body["values"]["goods"], second.body["values"]["amount"]) == ("马克杯 红色、碗", "¥99.00")


@pytest.mark.parametrize(
    ("changes", "rest"),
    [
        ({"stage": "done"}, "餐盘 ×2、碗，已发出"),
        ({"not_before_at": NOW + timedelta(days=2)}, "餐盘 ×2、碗，已安排在 12-24 起发货"),
    ],
)
def test_what_becomes_of_the_rest(desk: Desk, session: Session, changes: dict[str, Any], rest: str) -> None:
    make_customer(session)
    look(desk, an_order(session, **changes))
    assert [row.body["values"]["rest"] for row in told(session)] == [rest]


@pytest.mark.parametrize(
    ("here", "rest"),
    [(1, "餐盘 ×2，已先发出；碗，预计 12-24 10:00 前发出"), (0, "餐盘 ×2，已发出")],
)
def test_what_left_in_a_parcel_before_is_not_said_to_come(desk: Desk, session: Session, here: int, rest: str) -> None:
    make_customer(session)
    lines = [make_line(refund="refunded"), make_line("QH-PLATE", title="餐盘", spec="", quantity=2, parting="gone")]
    lines += [make_line("QH-BOWL", title="碗", spec="")] * here
    look(desk, an_order(session, lines=lines))
    assert [row.body["values"]["rest"] for row in told(session)] == [rest]


@pytest.mark.parametrize(
    "changes",
    [
        {"refund": "asked"},
        {"modified_at": NOW - timedelta(days=4)},
        {"lines": [make_line(), make_line("QH-PLATE")]},
        {"stage": "cancelled"},
    ],
)
def test_what_is_no_news_of_a_part(desk: Desk, session: Session, changes: dict[str, Any]) -> None:
    make_customer(session)
    look(desk, an_order(session, **changes))
    assert told(session) == []


def test_it_is_seen_when_the_order_is_looked_at(desk: Desk, session: Session) -> None:
    make_customer(session)
    watch.watch(desk, [an_order(session).id])
    assert len(told(session)) == 1


def test_who_asks_hears_of_what_is_left(desk: Desk, session: Session) -> None:
    one = an_order(session)
    hearing.hear(desk, "oCustomer1", f"{one.external_id} 1234")
    said = hearing.progress(desk, "oCustomer1")
    assert "（餐盘 ×2 等 3 件）：部分商品已退款，其余正在备货，预计 12-24 10:00 前发出" in said


def test_a_template_for_refunds_serves_for_parts_too(desk: Desk) -> None:
    assert notices.notice(desk, "part_refunded").template == REFUNDED["id"]
    assert notices.told(desk, "part_refunded")
    assert not notices.told(desk, "stock")
