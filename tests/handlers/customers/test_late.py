"""Who hears that an order leaves later: with one message for several, once a day, and not at night."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers.customers import binding, late, manners, reach
from handlers.desk import Desk
from models import CustomerWay, Notification, Order
from models.case import short_code
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import NOW, make_case, make_customer, make_line, make_order, make_stock
from tests.handlers.shortage.test_matters import cases, look_at
from tests.handlers.shortage.test_parting import SKU, decide, say

DELAYED = {
    "id": "tmpl-delayed-0001",
    "keys": {"number": "character_string1", "goods": "thing2", "reason": "const3", "deadline": "time4"},
}


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"]["delayed"] = DELAYED
    return parse(document)


def an_order(session: Session, **changes: Any) -> Order:
    return make_order(session, **{"ship_by_at": NOW - timedelta(minutes=5), "lines": [make_line()], **changes})


def owed(session: Session) -> list[Notification]:
    rows = select(Notification).where(Notification.channel == "customer").order_by(Notification.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def at(desk: Desk, moment: datetime) -> Desk:
    return Desk(desk.session, moment, desk.settings)


def bind_way(session: Session, buyer: str, address: str, channel: str = "wecom_kf") -> None:
    session.add(CustomerWay(shop_id=1, buyer_key=buyer, channel=channel, address=address, bound_at=NOW))
    session.flush()


def test_a_missed_deadline_is_told_once(desk: Desk, session: Session) -> None:
    make_customer(session)
    one = an_order(session)
    an_order(session, buyer_key="nobody bound")
    an_order(session, ship_by_at=NOW + timedelta(hours=1))

    for _ in range(2):
        late.look(desk)

    (row,) = owed(session)
    assert row.body["order"] == one.id
    assert row.body["values"]["deadline"] == "2025年12月22日 09:55"
    assert row.body["values"]["reason"] == "仓库延误"


def test_a_later_day_is_told_before_the_deadline_is_missed(desk: Desk, session: Session) -> None:
    make_customer(session)
    an_order(session, ship_by_at=NOW + timedelta(hours=5), not_before_at=NOW + timedelta(days=2))

    late.look(desk)

    (row,) = owed(session)
    assert row.body["values"]["time"] == "2025年12月24日 10:00"


def test_a_day_that_the_buyer_asked_for_is_no_delay(desk: Desk, session: Session) -> None:
    make_customer(session)
    one = an_order(session, not_before_at=NOW + timedelta(days=2))
    make_case(session, one, kind="delay_request", state="solved")

    assert late.look(desk) == 0


@pytest.mark.parametrize(("hours", "told"), [(23, 0), (25, 1), (24 + 71, 1)])
def test_a_day_that_the_buyer_asked_for_and_that_was_missed_is_told(
    desk: Desk, session: Session, hours: int, told: int
) -> None:
    make_customer(session)
    agreed = NOW + timedelta(days=9)
    one = an_order(session, not_before_at=agreed)
    make_case(session, one, kind="delay_request", state="solved")
    now = at(desk, agreed + timedelta(hours=hours))

    for _ in range(2):
        late.look(now)

    assert [row.body["values"]["deadline"] for row in owed(session)] == ["2025年12月31日 10:00"] * told
    assert all(manners.kept_back(at(desk, now.now + timedelta(minutes=11)), row) is None for row in owed(session))


class TestWhatWaitsToBePaidBack:
    """Of an order that staff asked its buyer to give back nothing is being hurried."""

    def order(self, desk: Desk, session: Session) -> Order:
        make_customer(session)
        make_stock(session, SKU, 0)
        order = make_order(session, lines=[make_line(SKU)], ship_by_at=NOW + timedelta(hours=1))
        look_at(desk, [order])
        return order

    def test_it_is_late_for_nobody(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.order(desk, session)
        decide(desk, "退款", cast.xiaoli)

        assert late.look(at(desk, NOW + timedelta(hours=2))) == 0
        assert "delayed" not in [row.body["template"] for row in owed(session)]

    def test_what_was_owed_before_is_over(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.order(desk, session)
        now = at(desk, NOW + timedelta(hours=2))
        late.look(now)
        decide(now, "退款", cast.xiaoli)

        (row,) = [row for row in owed(session) if row.body["template"] == "delayed"]
        assert manners.kept_back(at(desk, NOW + timedelta(hours=3)), row) == manners.KeptBack(manners.OVER)

    def test_who_wants_the_goods_after_all_hears_that_they_are_late(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        self.order(desk, session)
        decide(desk, "退款", cast.xiaoli)
        (waiting,) = cases(session, "refund_wait")
        say(desk, f"{short_code(waiting.id)} 买家不退", cast.xiaoli)

        assert late.look(at(desk, NOW + timedelta(hours=2))) == 1


def test_those_whom_nobody_can_be_told_of_are_in_nobodys_way(
    desk: Desk, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "_MOST", 2)
    make_customer(session, buyer_key="gone", state="unfollowed", openid="oGone")
    for _ in range(3):
        an_order(session, buyer_key="gone")
    make_customer(session)
    mine = an_order(session)

    late.look(desk)

    assert [row.body["order"] for row in owed(session)] == [mine.id]


def test_who_is_bound_to_one_order_is_told_of_it_alone(desk: Desk, session: Session) -> None:
    mine = an_order(session)
    an_order(session)
    make_customer(session, buyer_key=f"order:{mine.external_id}")

    late.look(desk)

    assert [row.body["order"] for row in owed(session)] == [mine.id]


def test_what_nobody_chose_a_template_for_is_not_owed(desk: Desk, session: Session) -> None:
    make_customer(session)
    an_order(session)
    assert late.look(Desk(session, desk.now, parse(settings_document()))) == 0


class TestManners:
    def row(self, desk: Desk, session: Session, **changes: Any) -> Notification:
        make_customer(session)
        an_order(session, **changes)
        late.look(desk)
        return owed(session)[-1]

    def test_it_waits_a_little_for_others(self, desk: Desk, session: Session) -> None:
        row = self.row(desk, session)

        assert manners.kept_back(desk, row) == manners.KeptBack(manners.GATHERS, desk.now + timedelta(minutes=10))
        assert manners.kept_back(at(desk, desk.now + timedelta(minutes=10)), row) is None

    @pytest.mark.parametrize(
        ("local", "until"),
        [("20:59", None), ("21:00", "23T08:00"), ("23:30", "23T08:00"), ("07:59", "22T08:00"), ("08:00", None)],
    )
    def test_at_night_it_waits_for_the_morning(self, desk: Desk, local: str, until: str | None) -> None:
        hour, minute = map(int, local.split(":"))
        moment = NOW.replace(hour=(hour - 8) % 24, minute=minute, day=22 if hour >= 8 else 21)

        found = manners.quiet_until(desk, moment)

        assert (f"{found:%dT%H:%M}" if found else None) == until

    def test_one_message_for_three_late_orders(self, desk: Desk, session: Session) -> None:
        make_customer(session)
        orders = [an_order(session) for _ in range(3)]
        late.look(desk)
        first, second, third = owed(session)

        manners.gather(desk, first)

        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "merged", "merged"]
        assert (second.merged_into, third.merged_into) == (first.id, first.id)
        told = {one["number"] for one in (first.body["values"], *first.body["more"])}
        assert told == {one.external_id for one in orders}

    def test_one_message_for_one_person_whatever_key_each_order_has(self, desk: Desk, session: Session) -> None:
        """Every order of Pinduoduo has a buyer's key of its own."""
        for buyer in ("buyer-1", "buyer-2", "buyer-3"):
            make_customer(session, buyer_key=buyer)
            an_order(session, buyer_key=buyer)
        late.look(desk)
        first, *_ = owed(session)

        manners.gather(desk, first)

        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "merged", "merged"]
        assert len(first.body["more"]) == 2

    def test_the_second_of_a_day_waits_though_it_has_another_key(self, desk: Desk, session: Session) -> None:
        row = self.row(desk, session)
        row.state, row.sent_at = "sent", desk.now
        make_customer(session, buyer_key="buyer-2")
        an_order(session, buyer_key="buyer-2")
        later = at(desk, desk.now + timedelta(hours=1))
        late.look(later)

        kept = manners.kept_back(at(desk, later.now + timedelta(minutes=11)), owed(session)[-1])

        assert kept is not None
        assert kept.why == manners.TODAY

    def test_who_is_reached_on_another_way_alone_is_one_person_too(self, desk: Desk, session: Session) -> None:
        for buyer in ("buyer-1", "buyer-2"):
            bind_way(session, buyer, "wm1")
            an_order(session, buyer_key=buyer)
        late.look(desk)
        first, second = owed(session)

        manners.gather(desk, first)

        session.flush()
        assert (first.recipient, second.recipient) == ("wecom_kf:wm1", "wecom_kf:wm1")
        assert [row.state for row in owed(session)] == ["owed", "merged"]

    def test_an_address_of_one_buyer_hears_nothing_of_another(self, desk: Desk, session: Session) -> None:
        """The service account reaches one person for both; 微信客服 would reach two."""
        make_customer(session)
        make_customer(session, buyer_key="buyer-2")
        bind_way(session, "buyer-1", "wm1")
        bind_way(session, "buyer-2", "wm2")
        for buyer in ("buyer-1", "buyer-2"):
            an_order(session, buyer_key=buyer)
        late.look(desk)
        first, second = owed(session)
        assert reach.address(session, first, "wecom_kf", desk.now) == "wm1"

        manners.gather(desk, first)

        session.flush()
        first.body = {**first.body, "templates": {"wechat_oa": "t"}}
        assert reach.address(session, first, "wechat_oa", desk.now) == "oCustomer1"
        assert reach.address(session, first, "wecom_kf", desk.now) == ""
        assert manners.part(desk, first), "where that is the only way left, each goes by itself"
        session.flush()
        manners.gather(desk, first)
        session.flush()
        assert [(row.state, row.body.get("more", [])) for row in owed(session)] == [("owed", []), ("owed", [])]
        assert reach.address(session, first, "wecom_kf", desk.now) == "wm1"
        assert reach.address(session, second, "wecom_kf", desk.now) == "wm2"
        assert not manners.part(desk, first), "and once"

    def test_the_second_of_a_day_waits_for_the_next(self, desk: Desk, session: Session) -> None:
        row = self.row(desk, session)
        row.state, row.sent_at = "sent", desk.now
        an_order(session)
        later = at(desk, desk.now + timedelta(hours=1))
        late.look(later)
        second = owed(session)[-1]

        kept = manners.kept_back(at(desk, later.now + timedelta(minutes=11)), second)

        assert kept is not None
        assert kept.why == manners.TODAY
        assert f"{kept.until:%d %H:%M}" == "23 08:00"

    def test_what_has_left_meanwhile_is_not_told(self, desk: Desk, session: Session) -> None:
        row = self.row(desk, session)
        session.get_one(Order, row.body["order"]).stage = "done"
        session.flush()

        assert manners.kept_back(desk, row) == manners.KeptBack(manners.OVER)

    def test_who_wants_quiet_is_left_alone(self, desk: Desk, session: Session) -> None:
        row = self.row(desk, session)
        binding.opt_out(desk, "wechat_oa", row.recipient)

        assert manners.kept_back(desk, row) == manners.KeptBack(manners.OUT)
