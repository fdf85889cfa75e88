"""What ends in silence, or is taken back, is not told to the buyer as good news."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import commands, watch
from handlers.desk import Desk
from models import Case, Notification, Stock
from models.case import short_code
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import NOW, make_customer, make_line, make_order, typed

REFUNDED = {"id": "tmpl-refunded-0001", "keys": {"number": "character_string1", "amount": "amount2"}}


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"]["refunded"] = REFUNDED
    return parse(document)


def told(session: Session) -> list[Notification]:
    rows = select(Notification).where(Notification.channel == "customer").order_by(Notification.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def test_an_end_is_told_when_it_cannot_be_taken_back_any_more(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    order = make_order(session, district="")
    watch.watch(desk, [order.id])
    case = session.scalars(select(Case).where(Case.kind == "address_vague")).one()

    commands.run(desk, typed(f"{short_code(case.id)} 完成"), cast.xiaoli)
    (row,) = told(session)
    assert row.next_try_at == desk.now + timedelta(seconds=60)

    desk.now += timedelta(seconds=30)
    commands.run(desk, typed("撤销"), cast.xiaoli)
    assert told(session) == []


def test_a_day_that_came_while_nobody_agreed_to_it_is_no_new_date(desk: Desk, session: Session) -> None:
    make_customer(session)
    order = make_order(session, buyer_message="25号以后再发")
    watch.watch(desk, [order.id])

    watch.watch(Desk(session, NOW + timedelta(days=4), desk.settings), [order.id])

    session.expire_all()
    assert session.scalars(select(Case.state).where(Case.kind == "delay_request")).one() == "solved"
    assert told(session) == []


class TestGoodsThatWereShort:
    def short(self, desk: Desk, session: Session) -> int:
        make_customer(session)
        session.add(Stock(sku="QH-CUP-RED", on_hand=0, updated_at=NOW))
        session.add(Stock(sku="QH-PLATE-WHT", on_hand=9, updated_at=NOW))
        lines = [make_line(), make_line(line_key="2", sku="QH-PLATE-WHT", title="餐盘")]
        order = make_order(session, lines=lines)
        watch.watch(desk, [order.id])
        assert session.scalars(select(Case.kind)).all().count("short_stock") == 1
        return order.id

    def refund(self, session: Session, order_id: int, sku: str) -> None:
        gone = text("UPDATE order_lines SET refund = 'refunded' WHERE order_id = :id AND sku = :sku")
        session.execute(gone, {"id": order_id, "sku": sku})

    def results(self, session: Session) -> list[str]:
        return [row.body["values"]["result"] for row in told(session) if row.body["template"] == "solved"]

    def test_what_was_paid_back_has_not_come(self, desk: Desk, session: Session) -> None:
        order_id = self.short(desk, session)
        self.refund(session, order_id, "QH-CUP-RED")
        watch.watch(desk, [order_id])
        assert session.scalars(select(Case.state).where(Case.kind == "short_stock")).one() == "solved"
        assert self.results(session) == []

    def test_what_came_is_told_though_something_else_was_paid_back(self, desk: Desk, session: Session) -> None:
        order_id = self.short(desk, session)
        self.refund(session, order_id, "QH-PLATE-WHT")
        session.execute(text("UPDATE stock SET on_hand = 9"))
        watch.watch(desk, [order_id])
        assert self.results(session) == ["已有货"]


def test_all_of_the_money_is_told_though_the_platform_has_not_cancelled_yet(desk: Desk, session: Session) -> None:
    make_customer(session)
    order = make_order(session, refund="refunded", modified_at=NOW)
    old = make_order(session, refund="refunded", modified_at=NOW - timedelta(days=4))
    watch.watch(desk, [order.id, old.id])

    order.stage, order.effect = "pending_review", "cancelled"
    session.flush()
    watch.watch(desk, [order.id, old.id])

    assert [(row.body["template"], row.body["order"]) for row in told(session)] == [("refunded", order.id)]
