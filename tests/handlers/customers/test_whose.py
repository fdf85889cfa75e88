"""What is sent once more, or in exchange, is the buyer's of the order that it mends: they are told of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import cases, stages, watch
from handlers.customers import binding, hearing, late, manners, reach, scripts, telling
from handlers.desk import Desk
from handlers.waybill import read as read_shipment
from models import CustomerWay, Notification, Order, OrderLink, Receiver
from models.stages import Verb
from tests.cast import Cast, hire_all
from tests.conftest import settings_document
from tests.factories import NOW, make_case, make_customer, make_line, make_order, make_shop, masked, someone
from tests.handlers.customers.test_late import DELAYED

SOLD = "2000000000000077777"
SF = "SF1234567890123"
OPENID = "oCustomer1"


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"] |= {"delayed": DELAYED}
    return parse(document)


@pytest.fixture
def cast(session: Session) -> Cast:
    make_shop(session, slug="chat", platform="chat", prefix="CHAT", name="青禾微信群")
    return hire_all(session)


def chat_order(session: Session, number: str = "CHAT00000001", **changes: Any) -> Order:
    return make_order(
        session, **{"shop_id": 2, "platform": "chat", "buyer_key": "", "external_id": number, "paid_fen": 0, **changes}
    )


def mends(session: Session, original: Order, kind: str = "reship", **changes: Any) -> Order:
    order = chat_order(session, kind=kind, **changes)
    session.add(OrderLink(order_id=order.id, original_order_id=original.id, kind=kind, at=NOW))
    session.flush()
    return order


def sold(session: Session, **changes: Any) -> Order:
    left = {"stage": "done", "courier": "yunda", "waybill": "YD1", "external_id": SOLD}
    return make_order(session, **{**left, "lines": [make_line()], **changes})


def owed(session: Session) -> list[Notification]:
    rows = select(Notification).where(Notification.channel == "customer").order_by(Notification.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def later(desk: Desk, **after: float) -> Desk:
    return Desk(desk.session, desk.now + timedelta(**after), desk.settings)


def ship(desk: Desk, cast: Cast, order: Order) -> None:
    stages.move(desk, f"order:{order.id}", Verb.SHIP, cast.laowang, shipment=read_shipment(f"顺丰 {SF}"))


class TestTold:
    def test_that_the_new_parcel_left_with_the_number_that_they_know(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_customer(session)
        original = sold(session)
        order = mends(session, original, stage="pending_ship", lines=[make_line()])

        ship(desk, cast, order)

        (row,) = owed(session)
        assert (row.recipient, row.body["order"], row.body["whose"]) == (OPENID, order.id, original.id)
        assert row.body["values"]["number"] == SOLD
        assert row.body["values"]["goods"] == "补发：马克杯 红色"
        assert row.body["values"]["waybill"] == SF

    def test_what_the_supervisor_decided_of_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session)
        case = make_case(session, mends(session, sold(session)), kind="resend_check", role="supervisor")

        cases.solve(desk, case.id, cast.chenjie, "同意补发")

        (row,) = owed(session)
        assert (row.recipient, row.body["template"]) == (OPENID, "solved")
        assert (row.body["values"]["number"], row.body["values"]["result"]) == (SOLD, "补发已安排")

    def test_who_is_bound_to_the_original_alone(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session, buyer_key=f"order:{SOLD}")
        telling.tell(desk, [mends(session, sold(session)).id], "shipped", occasion="1")
        assert [row.recipient for row in owed(session)] == [OPENID]

    def test_who_is_bound_to_another_order_hears_nothing(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session, buyer_key="buyer-2")
        telling.tell(desk, [mends(session, sold(session)).id], "shipped", occasion="1")
        assert owed(session) == []

    def test_who_scanned_the_code_of_the_new_parcel_hears_of_it_and_of_no_other(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = mends(session, sold(session), stage="pending_ship")
        hearing.scanned(desk, "oFriend", binding.scene(desk, order.id), followed=True)

        telling.tell(desk, [order.id], "shipped", occasion="1")

        (row,) = owed(session)
        assert (row.recipient, row.body["values"]["number"]) == ("oFriend", "CHAT00000001")
        assert "whose" not in row.body

    def test_a_code_of_the_new_parcel_takes_nothing_from_the_buyer(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_customer(session)
        order = mends(session, sold(session))
        said = hearing.scanned(desk, "oFriend", binding.scene(desk, order.id), followed=True)
        assert "已由另一个微信登记" in said

    def test_what_a_platform_sold_is_told_to_its_own_buyer_whatever_it_mends(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_customer(session)
        order = make_order(session, kind="reship", buyer_key="buyer-2")
        session.add(OrderLink(order_id=order.id, original_order_id=sold(session).id, kind="reship", at=NOW))
        session.flush()
        telling.tell(desk, [order.id], "shipped", occasion="1")
        assert owed(session) == []

    def test_one_that_is_late(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session)
        mends(session, sold(session), ship_by_at=NOW - timedelta(minutes=5), lines=[make_line()])
        late.look(desk)
        assert [(row.recipient, row.body["values"]["number"]) for row in owed(session)] == [(OPENID, SOLD)]

    def test_what_the_watch_clears_is_told_too(self, desk: Desk, session: Session, cast: Cast) -> None:
        """A rule's matter of the reship: what heals by itself is told as that of any order."""
        make_customer(session)
        order = mends(session, sold(session), lines=[make_line()])
        make_case(session, order, kind="address_vague")
        watch.watch(desk, [order.id])
        assert [(row.body["values"]["number"], row.body["values"]["result"]) for row in owed(session)] == [
            (SOLD, "地址已确认")
        ]

    def test_the_words_for_the_platforms_chat_know_the_original(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = mends(session, sold(session), lines=[make_line()])
        assert "没有绑定微信" in scripts.script(desk, order.id)
        make_customer(session)
        said = scripts.script(desk, order.id)
        assert "已绑定微信" in said
        assert "2000****7777" in said


class TestManners:
    def solved(self, desk: Desk, session: Session, cast: Cast) -> Notification:
        case = make_case(session, mends(session, sold(session)), kind="resend_check", role="supervisor")
        cases.solve(desk, case.id, cast.chenjie, "同意补发")
        return owed(session)[-1]

    def test_a_second_result_of_the_original_waits_until_tomorrow(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_customer(session)
        row = self.solved(desk, session, cast)
        telling.tell(desk, [row.body["whose"]], "solved", occasion="1")
        assert manners.kept_back(later(desk, minutes=2), row) is None
        told = owed(session)[-1]
        told.state, told.sent_at = "sent", NOW
        session.flush()
        kept = manners.kept_back(later(desk, minutes=2), row)
        assert kept is not None
        assert kept.why == manners.TODAY

    def test_who_wants_quiet_gets_quiet(self, desk: Desk, session: Session, cast: Cast) -> None:
        session.add(CustomerWay(shop_id=1, buyer_key="buyer-1", channel="wecom_kf", address="wm1", bound_at=NOW))
        make_customer(session)
        row = self.solved(desk, session, cast)
        binding.opt_out(desk, "wecom_kf", "wm1")
        assert manners.kept_back(later(desk, minutes=2), row) == manners.KeptBack(manners.OUT)

    def test_at_night_it_waits_for_the_morning(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session)
        row = self.solved(desk, session, cast)
        kept = manners.kept_back(later(desk, hours=13), row)
        assert kept is not None
        assert kept.why == manners.QUIET

    def test_ways_of_the_original_are_open_to_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        session.add(CustomerWay(shop_id=1, buyer_key="buyer-1", channel="wecom_kf", address="wm1", bound_at=NOW))
        session.flush()
        row = self.solved(desk, session, cast)
        assert row.recipient == "wecom_kf:wm1"
        assert reach.address(session, row, "wecom_kf", desk.now) == "wm1"

    @pytest.mark.parametrize(
        ("original", "number"),
        [(someone(phone="13800000001"), "+8613800000001"), (masked(), "+8613800000002")],
    )
    def test_the_phone_of_the_original_comes_before_the_one_that_was_typed(
        self, desk: Desk, session: Session, cast: Cast, original: Receiver, number: str
    ) -> None:
        make_customer(session)
        order = mends(session, sold(session, receiver=original), receiver=someone(phone="13800000002"))
        telling.tell(desk, [order.id], "shipped", occasion="1")
        (row,) = owed(session)
        row.body = {**row.body, "templates": {"sms": "2000001"}}
        assert reach.address(session, row, "sms", desk.now) == number
