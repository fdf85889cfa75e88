"""Orders pile up before the courier: one alarm with figures, which ends itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config_orders import Parcels
from handlers.desk import Desk
from handlers.supply import jam
from models import Case, Notification, Order
from tests.cast import Cast
from tests.factories import make_case, make_order


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Ten orders are a jam here."""
    desk.settings = desk.settings.model_copy(update={"parcels": Parcels(jam_from=10)})
    return desk


def queue(session: Session, desk: Desk, many: int, *, minutes: float = 20, **changes: Any) -> list[Order]:
    entered = desk.now - timedelta(minutes=minutes)
    values = {"stage": "pending_ship", "stage_entered_at": entered, "paid_fen": 10_000, **changes}
    return [make_order(session, **values) for _ in range(many)]


def ship(session: Session, desk: Desk, orders: list[Order]) -> None:
    ids = [order.id for order in orders]
    session.execute(update(Order).where(Order.id.in_(ids)).values(stage="done", stage_entered_at=desk.now))


def jams(session: Session) -> list[Case]:
    session.expire_all()
    return list(session.scalars(select(Case).where(Case.kind == "ship_jam").order_by(Case.id)))


def test_many_that_wait_while_none_leaves_are_one_alarm_with_figures(desk: Desk, session: Session, cast: Cast) -> None:
    queue(session, desk, 11)
    for _ in range(3):
        jam.look(desk)
        desk.now += timedelta(minutes=1)
    (case,) = jams(session)
    assert case.reason.startswith("待发货积压 11 单（1100 元），10 分钟没有发出一单，还没有一单发出")
    assert case.order_id is None
    cards = session.scalars(select(Notification).where(Notification.purpose == "card")).all()
    assert len([card for card in cards if card.channel == "group"]) == 1


def test_a_quiet_night_is_no_jam(desk: Desk, session: Session, cast: Cast) -> None:
    queue(session, desk, 40, minutes=60 * 9)
    jam.look(desk)
    assert jams(session) == []


def test_but_it_is_one_where_an_interface_is_known_to_be_down(desk: Desk, session: Session, cast: Cast) -> None:
    queue(session, desk, 40, minutes=60 * 9)
    why = "快递查询接口故障：10 分钟内 12 次失败"
    make_case(session, kind="upstream_down", group_key="upstream:kuaidi100", reason=why)
    jam.look(desk)
    assert jams(session)[0].reason.endswith(f"；{why}")


def test_as_long_as_some_leave_it_flows(desk: Desk, session: Session, cast: Cast) -> None:
    orders = queue(session, desk, 30)
    ship(session, desk, orders[:1])
    desk.now += timedelta(minutes=9)
    jam.look(desk)
    assert jams(session) == []
    desk.now += timedelta(minutes=2)
    jam.look(desk)
    assert len(jams(session)) == 1


def test_what_may_not_leave_yet_is_in_nobodys_way(desk: Desk, session: Session, cast: Cast) -> None:
    queue(session, desk, 20, hold="平台暂停发货")
    queue(session, desk, 20, not_before_at=desk.now + timedelta(days=1))
    queue(session, desk, 9)
    jam.look(desk)
    assert jams(session) == []


def test_the_figures_are_brought_up_to_date_and_it_ends_by_itself(desk: Desk, session: Session, cast: Cast) -> None:
    orders = queue(session, desk, 12)
    jam.look(desk)
    queue(session, desk, 3)
    jam.look(desk)
    assert jams(session)[0].reason.startswith("待发货积压 15 单")

    ship(session, desk, orders[:3])
    jam.look(desk)

    assert [(case.state, case.solution) for case in jams(session)] == [("solved", "已恢复发货")]
    ship(session, desk, orders[3:])
    jam.look(desk)
    assert len(jams(session)) == 1
