from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import customers, owe, shipping, watch, waybill
from handlers.desk import Desk
from models import Customer, Notification, Order
from tests.factories import make_customer, make_order, someone

OPENID = "oDemo1"


def order(session: Session, **changes: Any) -> Order:
    return make_order(session, **{"external_id": "2000000000000077777", **changes})


def bound(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(Customer).execution_options(populate_existing=True))
    return [(row.openid, row.state) for row in rows]


def test_number_and_tail_bind_and_tell(desk: Desk, session: Session) -> None:
    order(session)

    said = customers.hear(desk, OPENID, "　2000000000000077777　1234 ")

    assert said == "订单 2000000000000077777：已收到，正在备货，发出后通知您。之后的发货和处理进度会在这里通知您"
    assert bound(session) == [(OPENID, "following")]


@pytest.mark.parametrize("words", ["2000000000000077777 9999", "2000000000000077777", "2000000000000088888 1234"])
def test_who_does_not_know_the_tail_learns_nothing(desk: Desk, session: Session, words: str) -> None:
    order(session)

    said = customers.hear(desk, OPENID, words)

    assert "备货" not in said
    assert bound(session) == []


def test_a_wrong_number_and_a_wrong_tail_sound_the_same(desk: Desk, session: Session) -> None:
    order(session)

    wrong_tail = customers.hear(desk, OPENID, "2000000000000077777 9999")

    assert wrong_tail == customers.hear(desk, OPENID, "2000000000000088888 9999")


def test_where_the_platform_hides_the_phone_the_number_must_do(desk: Desk, session: Session) -> None:
    order(session, receiver=someone(phone=""), buyer_key="")

    assert "会在这里通知您" in customers.hear(desk, OPENID, "2000000000000077777")
    assert bound(session) == [(OPENID, "following")]


class TestWhereThePlatformDoesNotTellWhoBought:
    def hear_of(self, desk: Desk, session: Session) -> tuple[Order, Order]:
        mine, other = (order(session, external_id=f"251222-00000000000000{n}", buyer_key="") for n in (1, 2))
        customers.hear(desk, OPENID, f"{mine.external_id} 1234")
        return mine, other

    def told(self, session: Session) -> list[tuple[str, str]]:
        rows = session.execute(select(Notification.dedupe_key, Notification.recipient).where(
            Notification.channel == "customer"))  # fmt: skip
        return [(key, recipient) for key, recipient in rows]

    def test_who_asked_is_told_of_that_order_alone(self, desk: Desk, session: Session) -> None:
        mine, other = self.hear_of(desk, session)

        for one in (other, mine):
            shipping.owe_shipment(desk, one, waybill.read("顺丰 SF1234567890123"))  # type: ignore[arg-type]

        assert self.told(session) == [(f"order:{mine.id}:shipped:customer", OPENID)]

    def test_who_asked_is_told_what_came_of_a_matter(self, desk: Desk, session: Session) -> None:
        mine, other = self.hear_of(desk, session)

        for number, one in enumerate((other, mine)):
            buyer = (one.shop_id, one.buyer_key, one.external_id)
            owe.owe_customers(desk, [owe.solved_message(desk, number, buyer, "已有货")])

        assert self.told(session) == [("case:1:solved:customer", OPENID)]

    def test_who_asked_is_told_when_the_platform_ships(self, desk: Desk, session: Session) -> None:
        mine, other = self.hear_of(desk, session)
        for one in (mine, other):
            one.effect, one.shipped_at = "shipped", desk.now
        session.flush()

        watch.watch(desk, [mine.id, other.id])

        assert self.told(session) == [(f"order:{mine.id}:shipped:customer", OPENID)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stage": "done", "courier": "shunfeng", "waybill": "SF1"}, "已发货，顺丰速运 SF1"),
        ({"stage": "done"}, "已发货"),
        ({"stage": "cancelled"}, "已取消"),
        ({"stage": "unpaid"}, "还没有付款"),
        ({"refund": "asked"}, "退款处理中"),
        ({"later": True}, "已安排在 12-25 起发货"),
        ({"lock_reason": "缺货"}, "正在备货"),
    ],
)
def test_the_state_in_the_customers_words(desk: Desk, session: Session, changes: dict[str, Any], words: str) -> None:
    if changes.pop("later", False):
        changes["not_before_at"] = desk.now + timedelta(days=3)
    order(session, **changes)

    assert words in customers.hear(desk, OPENID, "2000000000000077777 1234")


def test_another_phone_takes_the_binding_over(desk: Desk, session: Session) -> None:
    order(session)
    make_customer(session, openid="oOld", state="refused")

    customers.hear(desk, OPENID, "2000000000000077777 1234")

    assert bound(session) == [(OPENID, "following")]


def test_whoever_wants_quiet_gets_it(desk: Desk, session: Session) -> None:
    make_customer(session, openid=OPENID)

    assert "已停止通知" in customers.hear(desk, OPENID, "退订")
    assert bound(session) == [(OPENID, "unfollowed")]


def test_anything_else_is_answered_with_how(desk: Desk) -> None:
    assert customers.hear(desk, OPENID, "在吗").startswith("请发送您的平台订单号")


class TestDelivered:
    def sent(self, session: Session, desk: Desk) -> Notification:
        make_customer(session, openid=OPENID)
        row = Notification(
            dedupe_key="order:1:shipped:customer", channel="customer", recipient=OPENID, purpose="template",
            subject="order:1", state="sent", msgid="991", next_try_at=desk.now, created_at=desk.now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row

    def test_success(self, desk: Desk, session: Session) -> None:
        row = self.sent(session, desk)

        customers.delivered(desk, "991", "success")
        customers.delivered(desk, "991", "failed: system failed")

        session.expire_all()
        assert (row.state, row.problem) == ("delivered", "")

    @pytest.mark.parametrize(
        ("status", "state"), [("failed:user block", "refused"), ("failed: system failed", "following")]
    )
    def test_failure(self, desk: Desk, session: Session, status: str, state: str) -> None:
        row = self.sent(session, desk)

        customers.delivered(desk, "991", status)

        session.expire_all()
        assert (row.state, row.problem) == ("failed", status)
        assert bound(session) == [(OPENID, state)]

    def test_of_a_message_that_nobody_sent(self, desk: Desk, session: Session) -> None:
        customers.delivered(desk, "404", "success")
