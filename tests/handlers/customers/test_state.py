"""进度: how an order stands and what comes next, without a promise that nobody can keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from handlers.customers import journey, state
from handlers.desk import Desk
from models import Order
from models.stages import Verb
from tests.cast import Cast
from tests.factories import NOW, make_case, make_line, make_order, make_stock
from tests.handlers.shortage.test_matters import look_at
from tests.handlers.shortage.test_parting import PLATE, SKU, decide, step, with_plate


def said(desk: Desk, order: Order) -> str:
    return state.said(state.order(desk, order.id), desk.now)


def comes(session: Session, sku: str, days: int) -> None:
    at = {"at": NOW + timedelta(days=days), "sku": sku}
    session.execute(text("UPDATE stock SET incoming_at = :at WHERE sku = :sku"), at)


class TestShort:
    @pytest.fixture
    def order(self, desk: Desk, session: Session) -> Order:
        make_stock(session, SKU, 0)
        make_stock(session, PLATE, 9)
        order = with_plate(session)
        look_at(desk, [order])
        return order

    def test_the_day_is_that_of_what_is_short(self, desk: Desk, session: Session, order: Order) -> None:
        """More of the plate comes in a month, which is nothing to whoever has one already."""
        comes(session, SKU, 2)
        comes(session, PLATE, 30)
        assert said(desk, order) == "部分商品暂时缺货，正在补货，预计 12-24 到货，到货后马上发出"

    def test_the_latest_of_several_counts(self, desk: Desk, session: Session) -> None:
        make_stock(session, SKU, 0)
        make_stock(session, PLATE, 0)
        order = with_plate(session)
        look_at(desk, [order])
        comes(session, SKU, 2)
        comes(session, PLATE, 3)
        assert "预计 12-25 到货" in said(desk, order)

    @pytest.mark.parametrize("days", [None, -1])
    def test_no_day_is_said_while_one_of_several_has_none_or_is_overdue(
        self, desk: Desk, session: Session, days: int | None
    ) -> None:
        make_stock(session, SKU, 0)
        make_stock(session, PLATE, 0)
        order = with_plate(session)
        look_at(desk, [order])
        comes(session, SKU, 2)
        if days is not None:
            comes(session, PLATE, days)
        assert said(desk, order) == "部分商品暂时缺货，正在补货，到货后马上发出"

    def test_what_is_paid_back_is_promised_on_no_day(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        comes(session, SKU, 2)
        decide(desk, "退款", cast.xiaoli)

        assert "等退款" in order.lock_reason
        assert said(desk, order) == "商品缺货，请在订单里申请退款，我们收到后马上处理"
        page = journey.of(desk, state.order(desk, order.id))
        assert (page.headline, page.comes, page.hears) == ("商品缺货", "请在订单里申请退款，我们收到后马上处理", "")

    def test_nor_is_the_rest_of_what_went_ahead(self, desk: Desk, session: Session, cast: Cast, order: Order) -> None:
        decide(desk, "拆单先发", cast.xiaoli)
        step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill="YT1234567890123")
        look_at(desk, [order])
        decide(desk, "退款", cast.xiaoli)

        expected = "已先发一包（圆通速递 YT1234567890123），其余缺货，请在订单里申请退款，我们收到后马上处理"
        assert said(desk, order) == expected

    def test_whoever_asked_hears_of_that(self, desk: Desk, session: Session, cast: Cast, order: Order) -> None:
        decide(desk, "退款", cast.xiaoli)
        order.refund = "asked"
        session.execute(text("UPDATE order_lines SET refund = 'asked' WHERE parting = 'refund'"))
        look_at(desk, [order])
        assert said(desk, order) == "退款处理中"


class TestWhatTheBuyerMustMend:
    def test_an_order_that_waits_for_an_address_has_no_day(self, desk: Desk, session: Session) -> None:
        order = make_order(session, district="")
        make_stock(session, SKU, 9)
        look_at(desk, [order])

        assert order.lock_reason
        assert said(desk, order) == (
            "已收到，还不能发货，收件地址还不完整，请把小区、楼栋、门牌号告诉店铺客服，核对后马上安排发货"
        )

    @pytest.mark.parametrize("kind", state.ASKS)
    def test_no_time_is_promised_while_it_lives(self, desk: Desk, session: Session, kind: str) -> None:
        order = make_order(session, not_before_at=NOW + timedelta(days=1))
        case = make_case(session, order, kind=kind)

        words, page = said(desk, order), journey.of(desk, state.order(desk, order.id))

        assert words.endswith(state.ASKS[kind])
        assert "12-2" not in words
        assert (page.comes, page.hears, page.wrong) == ("", "", (state.ASKS[kind],))
        assert page.headline == ("已收到，正在备货" if kind == "message_todo" else "已收到，还不能发货")

        case.state, case.solved_at = "solved", NOW
        session.flush()
        assert said(desk, order) == "已收到，正在备货，已安排在 12-23 起发货"

    def test_what_keeps_the_order_comes_before_what_does_not(self, desk: Desk, session: Session) -> None:
        order = make_order(session)
        make_case(session, order, kind="message_todo", blocks=False)
        make_case(session, order, kind="unreachable")
        assert said(desk, order).endswith(state.ASKS["unreachable"])

    def test_short_goods_are_said_as_well(self, desk: Desk, session: Session) -> None:
        order = make_order(session, lines=[make_line(SKU)], district="")
        make_stock(session, SKU, 0)
        look_at(desk, [order])
        assert said(desk, order) == f"部分商品暂时缺货，正在补货，{state.ASKS['address_vague']}"
