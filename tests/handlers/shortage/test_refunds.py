"""退款 of what is short: the order stands still until the buyer has asked, and claims none of its goods any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import commands, show, stages, stock
from handlers.desk import Actor, Desk, Refusal
from handlers.views import CaseView, View
from models import Case, Notification, Order, WaitingLine
from models.case import short_code
from models.stages import Verb
from tests.cast import Cast
from tests.factories import make_customer, make_line, make_order, make_stock, typed
from tests.handlers.shortage.test_matters import cases, look_at
from tests.handlers.shortage.test_parting import PLATE, SKU, decide, partings, with_plate


@pytest.fixture
def order(desk: Desk, session: Session, cast: Cast) -> Order:
    """Short of the red cup; its plate is there."""
    make_stock(session, SKU, 0)
    make_stock(session, PLATE, 9)
    make_customer(session)
    order = with_plate(session, ship_by_at=desk.now + timedelta(hours=20))
    look_at(desk, [order])
    return order


def say(desk: Desk, words: str, actor: Actor) -> View:
    view = commands.run(desk, typed(words), actor)
    desk.session.expire_all()
    return view


def waiting(session: Session) -> Case:
    (one,) = cases(session, "refund_wait")
    return one


def told(session: Session) -> list[str]:
    rows = session.scalars(select(Notification).where(Notification.channel == "customer"))
    return [row.body["template"] for row in rows]


def test_the_order_is_locked_as_waiting_and_says_what_to_paste(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    decide(desk, "退款", cast.zhaojie)

    assert order.lock_reason == "等退款：马克杯 红色×1 缺货，定了退款，等买家在平台申请"
    assert cases(session, "short_stock") == []
    one = waiting(session)
    assert (one.role, one.blocks) == ("service", True)
    view = show.show(desk, f"case:{one.id}", cast.xiaoli)
    assert isinstance(view, CaseView)
    assert any(line.startswith("发给买家：亲，非常抱歉，您购买的马克杯 红色缺货") for line in view.lines)
    assert "solved" not in told(session), "nobody hears that the goods have come"
    with pytest.raises(Refusal, match="等退款"):
        stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.chenjie)


def test_its_claim_goes_to_the_next_in_the_queue_at_once(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    other = make_order(session, lines=[make_line(SKU)], ship_by_at=desk.now + timedelta(hours=40))
    look_at(desk, [other])
    decide(desk, "退款", cast.zhaojie, order)
    assert [row.order_id for row in session.scalars(select(WaitingLine).where(WaitingLine.sku == SKU))] == [other.id]

    stock.add(desk, SKU, 1)
    look_at(desk, [order, other])

    assert (other.lock_reason, "等退款" in order.lock_reason) == ("", True)


def test_it_ends_by_itself_when_the_platform_shows_the_refund_and_the_rest_goes_on(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    decide(desk, "退款", cast.zhaojie)
    one = waiting(session)
    for refund, of_order, also in (("asked", "asked", "refund_preship"), ("refunded", "part", "refund_part")):
        session.execute(text("UPDATE order_lines SET refund = :refund WHERE order_id = :id AND sku = :sku"),
                        {"refund": refund, "id": order.id, "sku": SKU})  # fmt: skip
        session.execute(text("UPDATE orders SET refund = :refund WHERE id = :id"), {"refund": of_order, "id": order.id})
        look_at(desk, [order])
        assert cases(session, "refund_wait") == []
        assert len(cases(session, also)) == 1, "it is that rule's matter now"
    session.expire_all()
    assert (one.state, one.solved_by) == ("solved", None)


def test_a_buyer_who_wants_the_goods_after_all_waits_for_them_as_before(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    decide(desk, "退款", cast.zhaojie)
    code = short_code(waiting(session).id)
    for words in ("完成 好了", "忽略 误报", "强制 照发"):
        with pytest.raises(Refusal, match="买家不退"):
            say(desk, f"{code} {words}", cast.xiaoli)

    view = say(desk, f"{code} 买家不退", cast.xiaoli)

    assert isinstance(view, CaseView)
    assert (partings(session, order), cases(session, "refund_wait")) == (["", ""], [])
    assert order.lock_reason.startswith("缺货")


def test_it_is_taken_back_within_the_minute(desk: Desk, session: Session, cast: Cast, order: Order) -> None:
    decide(desk, "退款", cast.zhaojie)
    say(desk, "撤销", cast.zhaojie)

    assert (partings(session, order), cases(session, "refund_wait")) == (["", ""], [])
    assert order.lock_reason.startswith("缺货")
    assert session.scalars(select(Notification).where(Notification.dedupe_key.like("short:refund:%"))).all() == []


def test_a_shortness_of_which_nobody_knows_any_more_ends_and_says_why(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    (one,) = cases(session, "short_stock")
    session.execute(text("DELETE FROM stock WHERE sku = :sku"), {"sku": SKU})

    look_at(desk, [order])
    session.expire_all()

    assert (one.state, order.lock_reason) == ("solved", "")
    assert one.solution == f"库存表里没有 {SKU}，不再按缺货锁单，请核对有没有货再发"
    assert told(session) == [], "the buyer is not told that it has come"
    view = show.show(desk, f"order:{order.id}", cast.xiaoli)
    assert f"库存表里没有 {SKU}" in view.unknown  # type: ignore[union-attr]
