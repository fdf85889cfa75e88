"""撤销: an end is taken back within a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, commands, trail, watch
from handlers.customers import manners
from handlers.desk import Actor, Desk
from handlers.views import OrderView, TextView, View
from models import Case, Notification, Order
from models.case import short_code
from models.case_life import Life, life_of
from tests.cast import Cast
from tests.factories import make_customer, make_order, typed


def vague(desk: Desk) -> tuple[Order, Case]:
    order = make_order(desk.session, district="")
    watch.watch(desk, [order.id])
    return order, desk.session.scalars(select(Case).where(Case.kind == "address_vague")).one()


def say(desk: Desk, words: str, actor: Actor) -> View:
    view = commands.run(desk, typed(words), actor)
    desk.session.expire_all()
    return view


@pytest.mark.parametrize("end", ["完成", "忽略 误报", "强制 客户急用"])
def test_within_a_minute_it_stands_where_it_stood(desk: Desk, session: Session, cast: Cast, end: str) -> None:
    make_customer(session)
    order, case = vague(desk)
    cases.claim(desk, case.id, cast.xiaoli, minutes=60)
    session.expire_all()
    locked, promised = order.lock_reason, case.claimed_until

    say(desk, f"{short_code(case.id)} {end}", cast.xiaoli)
    assert order.lock_reason == ""
    desk.now += timedelta(seconds=59)
    view = say(desk, "撤销", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert (life_of(case), case.owner_id, case.claimed_until) == (Life.CLAIMED, cast.xiaoli.staff_id, promised)
    assert (case.solution, case.solved_by, case.due_at) == ("", None, promised)
    assert order.lock_reason == locked
    customers = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
    assert customers == [], "what has not gone yet does not go"
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_after_a_minute_it_is_too_late(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = vague(desk)
    say(desk, f"{short_code(case.id)} 完成", cast.xiaoli)
    desk.now += timedelta(seconds=61)
    view = say(desk, "撤销", cast.xiaoli)
    assert isinstance(view, TextView)
    assert "超过 60 秒" in view.text
    assert case.state == "solved"


def test_what_was_changed_since_is_not_taken_back(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = vague(desk)
    say(desk, f"{short_code(case.id)} 完成", cast.xiaoli)
    say(desk, f"审核 {order.tag}", cast.chenjie)
    view = say(desk, "撤销", cast.xiaoli)
    assert isinstance(view, TextView)
    assert "审核" in view.text
    assert case.state == "solved"


def test_a_day_that_was_granted_is_taken_back_with_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, buyer_message="25号以后发货")
    watch.watch(desk, [order.id])
    case = session.scalars(select(Case).where(Case.kind == "delay_request")).one()
    say(desk, f"{short_code(case.id)} 改期 12-25", cast.xiaoli)
    granted = (case.state, order.not_before_at is not None)
    say(desk, "撤销", cast.xiaoli)
    assert granted == ("solved", True)
    assert (case.state, order.not_before_at is not None) == ("open", False)


def test_the_answer_to_an_intercept_is_not(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_ship")
    say(desk, f"拦截 {order.tag} 客户要退款", cast.xiaoli)
    case = session.scalars(select(Case).where(Case.kind == "intercept")).one()
    say(desk, f"{short_code(case.id)} 没拦住", cast.laowang)
    view = say(desk, "撤销", cast.laowang)
    assert isinstance(view, TextView)
    assert "不能撤销；拦截答错了请发：短码 重开" in view.text
    assert case.state == "solved"


class TestReopened:
    """重开: the buyer hears nothing of an end that was none."""

    def test_what_has_not_gone_does_not_go(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session)
        order, case = vague(desk)
        code = short_code(case.id)
        say(desk, f"{code} 完成", cast.xiaoli)
        desk.now += timedelta(seconds=10)

        say(desk, f"{code} 重开", cast.xiaoli)

        assert (case.state, order.lock_reason) == ("claimed", "地址模糊：缺区县")
        assert customers(session) == []
        desk.now += timedelta(minutes=5)
        say(desk, f"{code} 完成", cast.xiaoli)
        assert [row.state for row in customers(session)] == ["owed"], "now it is over, and that is told"

    def test_what_was_tried_in_vain_is_not_tried_again(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session)
        _, case = vague(desk)
        say(desk, f"{short_code(case.id)} 完成", cast.xiaoli)
        (message,) = customers(session)
        message.tries = 1
        session.flush()
        desk.now += timedelta(minutes=2)
        assert manners.kept_back(desk, message) is None

        say(desk, f"{short_code(case.id)} 重开", cast.xiaoli)

        assert manners.kept_back(desk, message) == manners.KeptBack(manners.OVER)


def customers(session: Session) -> list[Notification]:
    return list(session.scalars(select(Notification).where(Notification.channel == "customer")))
