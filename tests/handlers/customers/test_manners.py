"""One person, one message of a kind a day: also while the first is on its way, and when people change their minds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers.customers import filling, late, manners
from handlers.desk import Desk
from models import Notification, Order
from models.case import short_code
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import NOW, make_customer, make_line, make_order, make_stock
from tests.handlers.customers.test_late import DELAYED
from tests.handlers.shortage.test_matters import cases, look_at
from tests.handlers.shortage.test_parting import PLATE, SKU, decide, say, with_plate

STOCK = {"id": "tmpl-stock-0001", "keys": {"number": "character_string1", "goods": "thing2", "reason": "thing3"}}


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"] |= {"delayed": DELAYED, "stock": STOCK}
    return parse(document)


def owed(session: Session) -> list[Notification]:
    rows = select(Notification).where(Notification.channel == "customer").order_by(Notification.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def at(desk: Desk, moment: datetime) -> Desk:
    return Desk(desk.session, moment, desk.settings)


def later(desk: Desk, minutes: float) -> Desk:
    return at(desk, desk.now + timedelta(minutes=minutes))


def two_late(desk: Desk, session: Session) -> tuple[Notification, Notification]:
    make_customer(session)
    for _ in range(2):
        make_order(session, ship_by_at=NOW - timedelta(minutes=5), lines=[make_line()])
    late.look(desk)
    first, second = owed(session)
    return first, second


@pytest.mark.parametrize("on_its_way", [{"state": "sending"}, {"state": "owed", "carried_by": "wechat_oa"}])
def test_the_second_waits_while_the_first_is_on_its_way(desk: Desk, session: Session, on_its_way: Any) -> None:
    first, second = two_late(desk, session)
    for name, value in on_its_way.items():
        setattr(first, name, value)
    session.flush()
    now = later(desk, 11)

    assert manners.kept_back(now, second) == manners.KeptBack(manners.ANOTHER, now.now + timedelta(seconds=30))

    first.state = "failed"
    session.flush()
    assert manners.kept_back(now, second) is None


def test_what_may_have_arrived_waits_for_no_other(desk: Desk, session: Session) -> None:
    first, second = two_late(desk, session)
    first.carried_by, second.state = "wechat_oa", "sending"
    session.flush()
    assert manners.kept_back(later(desk, 11), first) is None


def test_whoever_wants_the_money_back_hears_of_no_delay(desk: Desk, session: Session) -> None:
    first, second = two_late(desk, session)
    for row, refund in ((first, "asked"), (second, "refunded")):
        session.get_one(Order, row.body["order"]).refund = refund
        session.flush()
        assert manners.kept_back(later(desk, 11), row) == manners.KeptBack(manners.OVER)


def test_what_is_over_does_not_travel_and_ends_on_its_own(desk: Desk, session: Session) -> None:
    first, second = two_late(desk, session)
    session.get_one(Order, second.body["order"]).stage = "done"
    session.flush()

    manners.gather(later(desk, 11), first)

    session.flush()
    assert [row.state for row in owed(session)] == ["owed", "owed"]
    assert first.body.get("more", []) == []
    assert manners.kept_back(later(desk, 11), second) == manners.KeptBack(manners.OVER)


class TestWhatWasDecidedOfShortGoods:
    @pytest.fixture
    def order(self, desk: Desk, session: Session, cast: Cast) -> Order:
        make_customer(session)
        make_stock(session, SKU, 0)
        make_stock(session, PLATE, 9)
        order = with_plate(session)
        look_at(desk, [order])
        return order

    @pytest.mark.parametrize(
        ("what", "reason"),
        [("退款", "缺货，可申请退款"), ("等货", "缺货，等待到货"), ("拆单先发", "部分缺货，有货的先发")],
    )
    def test_its_buyer_hears_it(
        self, desk: Desk, session: Session, cast: Cast, order: Order, what: str, reason: str
    ) -> None:
        decide(desk, what, cast.xiaoli)

        (row,) = owed(session)
        assert row.body["values"]["reason"] == reason
        assert manners.kept_back(later(desk, 11), row) is None

    def test_what_was_decided_anew_alone_is_said_in_its_own_sentence(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        decide(desk, "等货", cast.xiaoli)
        decide(later(desk, 3), "退款", cast.xiaoli)
        first, second = owed(session)
        now = later(desk, 14)

        assert manners.kept_back(now, first) == manners.KeptBack(manners.OVER)
        assert manners.kept_back(now, second) is None
        manners.gather(now, second)

        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "owed"], "what holds no more ends on its own"
        letter = filling.letter(desk, "stock", [second.body["values"]])
        assert letter.filled["wechat_oa"].values["thing3"] == "缺货，可申请退款"
        assert "麻烦您在订单里申请退款" in letter.words
        assert "换同款" not in letter.words, "what staff decided is not asked of the buyer again"

    def test_what_can_be_taken_back_is_waited_for(self, desk: Desk, session: Session, cast: Cast, order: Order) -> None:
        decide(desk, "等货", cast.xiaoli)
        decide(later(desk, 10), "退款", cast.xiaoli)
        first, _second = owed(session)
        now = later(desk, 10.5)

        kept = manners.kept_back(now, first)
        manners.gather(now, first)

        assert (kept and kept.why) == manners.ANOTHER
        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "owed"]

    def test_what_was_taken_back_leaves_the_one_before(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        decide(desk, "等货", cast.xiaoli)
        decide(later(desk, 10), "退款", cast.xiaoli)
        say(later(desk, 10.5), "撤销", cast.xiaoli)

        (row,) = owed(session)
        assert row.body["values"]["reason"] == "缺货，等待到货"
        assert manners.kept_back(later(desk, 11), row) is None

    def test_who_wants_the_goods_after_all_is_not_asked_to_give_them_back(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        decide(desk, "退款", cast.xiaoli)
        (waiting,) = cases(session, "refund_wait")
        say(later(desk, 5), f"{short_code(waiting.id)} 买家不退", cast.xiaoli)

        assert cases(session, "short_stock"), "the goods are short again"
        (row,) = owed(session)
        assert manners.kept_back(later(desk, 11), row) == manners.KeptBack(manners.OVER)

    def test_whoever_asked_already_is_not_asked_to(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        decide(desk, "退款", cast.xiaoli)
        order.refund = "asked"
        session.execute(text("UPDATE order_lines SET refund = 'asked' WHERE parting = 'refund'"))
        look_at(desk, [order])

        assert manners.kept_back(later(desk, 11), owed(session)[0]) == manners.KeptBack(manners.OVER)


def test_two_new_dates_of_one_order_are_one(desk: Desk, session: Session) -> None:
    make_customer(session)
    order = make_order(session, ship_by_at=NOW + timedelta(hours=5), not_before_at=NOW + timedelta(days=2))
    late.look(desk)
    order.not_before_at = NOW + timedelta(days=3)
    session.flush()
    late.look(later(desk, 5))
    first, _second = owed(session)

    manners.gather(later(desk, 11), first)

    assert (first.body["values"]["time"], first.body["more"]) == ("2025年12月25日 10:00", [])
