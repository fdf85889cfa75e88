"""One person, one message of a kind a day: also while the first is on its way, and when people change their minds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers.batches.view import BatchView
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


CUP, BOWL, BLUE = "QH-CUP-RED", "QH-BOWL", "QH-BOWL-BLUE"


class TestTwoShortOrdersOfOneBuyer:
    """What was decided of the one is no word on the other: each is told what it must do."""

    @pytest.fixture
    def orders(self, desk: Desk, session: Session, cast: Cast) -> list[Order]:
        make_customer(session)
        make_stock(session, CUP, 0)
        make_stock(session, BOWL, 0)
        made = [
            make_order(session, lines=[make_line(CUP)]),
            make_order(session, lines=[make_line(BOWL, title="碗", spec="白色")]),
        ]
        look_at(desk, made)
        return made

    def decide(self, desk: Desk, what: str, sku: str, cast: Cast) -> None:
        (matter,) = [case for case in cases(desk.session, "shortage") if case.group_key == sku]
        asked = say(desk, f"{short_code(matter.id)} {what}", cast.xiaoli)
        assert isinstance(asked, BatchView)
        say(desk, f"{asked.code} 确认", cast.xiaoli)

    def reasons(self, row: Notification) -> list[str]:
        return [one["reason"] for one in (row.body["values"], *row.body.get("more", ()))]

    def test_what_each_must_do_goes_by_itself_on_the_same_day(
        self, desk: Desk, session: Session, cast: Cast, orders: list[Order]
    ) -> None:
        self.decide(desk, "等货", CUP, cast)
        self.decide(desk, "退款", BOWL, cast)
        first, second = owed(session)
        now = later(desk, 12)

        manners.gather(now, first)

        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "owed"]
        assert self.reasons(first) == ["缺货，等待到货"]
        first.state = "sending"
        session.flush()
        assert manners.kept_back(now, second) is None, "it waits for no other that says something else"
        first.state, first.sent_at = "sent", now.now
        session.flush()
        assert manners.kept_back(now, second) is None, "and is not held until the morning"

    def test_the_same_of_both_is_one_message(
        self, desk: Desk, session: Session, cast: Cast, orders: list[Order]
    ) -> None:
        self.decide(desk, "退款", CUP, cast)
        self.decide(desk, "退款", BOWL, cast)
        first, _second = owed(session)

        manners.gather(later(desk, 12), first)

        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "merged"]
        assert self.reasons(first) == ["缺货，可申请退款"] * 2

    def test_the_day_of_one_is_no_promise_for_the_other(
        self, desk: Desk, session: Session, cast: Cast, orders: list[Order]
    ) -> None:
        (matter,) = [case for case in cases(session, "shortage") if case.group_key == CUP]
        say(desk, f"{short_code(matter.id)} 到货 明天", cast.zhaojie)
        self.decide(desk, "等货", CUP, cast)
        self.decide(desk, "等货", BOWL, cast)
        first, _second = owed(session)
        manners.gather(later(desk, 12), first)

        letter = filling.letter(desk, "stock", [first.body["values"], *first.body["more"]])

        assert letter.filled["wechat_oa"].values["thing2"] == "马克杯 红色 等2单"
        assert letter.filled["wechat_oa"].values["thing3"] == "缺货，各单到货时间不同"
        assert "预计 12-23 到货" in letter.words

    def test_the_same_of_the_second_waits_for_the_morning(
        self, desk: Desk, session: Session, cast: Cast, orders: list[Order]
    ) -> None:
        self.decide(desk, "退款", CUP, cast)
        first, *_ = owed(session)
        first.state, first.sent_at = "sent", later(desk, 12).now
        session.flush()
        self.decide(later(desk, 60), "退款", BOWL, cast)

        kept = manners.kept_back(later(desk, 72), owed(session)[-1])

        assert (kept and kept.why) == manners.TODAY

    def test_other_goods_to_exchange_for_are_another_question(
        self, desk: Desk, session: Session, cast: Cast, orders: list[Order]
    ) -> None:
        for sku, title, spec in ((BLUE, "碗", "蓝色"), ("QH-CUP-BLUE", "马克杯", "蓝色")):
            make_order(session, stage="done", buyer_key="another", lines=[make_line(sku, title=title, spec=spec)])
            make_stock(session, sku, 5)
        self.decide(desk, "换同款 QH-CUP-BLUE", CUP, cast)
        self.decide(desk, f"换同款 {BLUE}", BOWL, cast)
        first, _second = owed(session)

        manners.gather(later(desk, 12), first)

        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "owed"]

    def test_what_is_decided_anew_after_it_was_told_waits_for_the_morning(
        self, desk: Desk, session: Session, cast: Cast, orders: list[Order]
    ) -> None:
        """Also where the other order's message told it."""
        self.decide(desk, "等货", CUP, cast)
        self.decide(desk, "等货", BOWL, cast)
        first, _second = owed(session)
        manners.gather(later(desk, 12), first)
        first.state, first.sent_at = "sent", later(desk, 12).now
        session.flush()
        self.decide(later(desk, 60), "退款", BOWL, cast)

        kept = manners.kept_back(later(desk, 72), owed(session)[-1])

        assert (kept and kept.why) == manners.TODAY


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
