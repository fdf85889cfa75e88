"""What the card of an ended matter says of the customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from handlers import cases, commands, pressing, show, watch
from handlers.customers import hearing, notices
from handlers.desk import Actor, Desk
from handlers.views import CaseView
from models import Case, Notification, Order
from models.beijing import BEIJING
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_customer, make_order, pressed, typed


def vague(desk: Desk) -> tuple[Order, Case]:
    order = make_order(desk.session, district="")
    watch.watch(desk, [order.id])
    return order, desk.session.scalars(select(Case).where(Case.kind == "address_vague")).one()


def told(desk: Desk, case: Case) -> str:
    desk.session.expire_all()
    view = show.show(desk, f"case:{case.id}", None)
    assert isinstance(view, CaseView)
    assert view.settled
    return view.told


def message(session: Session, **changes: Any) -> Notification:
    session.flush()
    row = session.scalars(select(Notification).where(Notification.channel == "customer")).one()
    for name, value in changes.items():
        setattr(row, name, value)
    session.flush()
    return row


@pytest.fixture
def bound(desk: Desk, session: Session, cast: Cast) -> tuple[Order, Case]:
    make_customer(session)
    order, case = vague(desk)
    cases.solve(desk, case.id, cast.xiaoli)
    return order, case


def test_it_is_being_told(desk: Desk, bound: tuple[Order, Case]) -> None:
    assert told(desk, bound[1]) == "正在通知客户"


def test_it_was_told_by_which_way_and_when(desk: Desk, session: Session, bound: tuple[Order, Case]) -> None:
    for way, words in (("wechat_oa", "服务号模板消息"), ("sms", "短信"), ("wecom_kf", "微信客服")):
        message(session, state="sent", carried_by=way, sent_at=desk.now)
        assert told(desk, bound[1]) == f"客户已收到通知：{words} 12-22 10:00"
    message(session, state="delivered", carried_by="wechat_mini")
    assert told(desk, bound[1]) == "客户已收到通知：小程序订阅消息 12-22 10:00"


def test_at_night_it_says_when_the_morning_tells(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    desk.now = datetime(2025, 12, 22, 22, 30, tzinfo=BEIJING)
    _, case = vague(desk)
    cases.solve(desk, case.id, cast.xiaoli)

    assert told(desk, case) == "客户休息时间，12-23 08:00 通知客户"
    morning = datetime(2025, 12, 23, 8, tzinfo=BEIJING)
    message(session, next_try_at=morning, problem="客户休息时间，早上再发")
    assert told(desk, case) == "客户休息时间，12-23 08:00 通知客户"


def test_who_was_told_today_already_hears_tomorrow(desk: Desk, session: Session, bound: tuple[Order, Case]) -> None:
    message(session, next_try_at=desk.now + timedelta(hours=22), problem="今天已经通知过，明天一起发")

    assert told(desk, bound[1]) == "12-23 08:00 通知客户：今天已经通知过，明天一起发"


def test_who_is_not_bound_is_answered_by_hand(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = vague(desk)
    cases.solve(desk, case.id, cast.xiaoli)

    assert told(desk, case) == f"客户没有绑定，收不到通知：发「话术 {order.tag}」，把回复复制到平台聊天"
    view = commands.run(desk, typed(f"话术 {order.tag}"), cast.xiaoli)
    assert "没有绑定微信，请复制到平台聊天里" in str(view)


def test_who_wants_no_notices_is_answered_by_hand(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    order, case = vague(desk)
    hearing.hear(desk, "oCustomer1", "退订")
    cases.solve(desk, case.id, cast.xiaoli)

    assert told(desk, case) == f"客户已退订，收不到通知：发「话术 {order.tag}」，把回复复制到平台聊天"


def test_what_did_not_arrive_says_why_and_what_to_do(desk: Desk, session: Session, bound: tuple[Order, Case]) -> None:
    order, case = bound
    message(session, state="failed", problem="模板不存在")
    assert told(desk, case) == f"客户没有收到通知：模板不存在；发「话术 {order.tag}」，把回复复制到平台聊天"
    message(session, state="dropped", problem="客户已退订")
    assert told(desk, case) == "客户没有收到通知：客户已退订"
    message(session, state="unsure")
    assert told(desk, case) == "客户可能已收到通知，平台没有应答"


def test_one_that_travels_with_another_order_says_what_became_of_that(
    desk: Desk, session: Session, bound: tuple[Order, Case]
) -> None:
    row = message(session)
    leader = Notification(
        dedupe_key="case:99:solved:customer", channel="customer", recipient=row.recipient, purpose="template",
        subject="case:99", body=row.body, state="sent", carried_by="wechat_oa", sent_at=desk.now,
        next_try_at=desk.now, created_at=desk.now,
    )  # fmt: skip
    session.add(leader)
    session.flush()
    row.state, row.merged_into = "merged", leader.id
    session.flush()

    assert told(desk, bound[1]) == "客户已收到通知：服务号模板消息 12-22 10:00"


def test_nothing_is_said_where_customers_hear_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = vague(desk)
    cases.dismiss(desk, case.id, cast.xiaoli, "误报")
    assert told(desk, case) == ""

    order = make_order(session, external_id="7002", district="", buyer_key="buyer-7")
    watch.watch(desk, [order.id])
    forced = session.scalars(select(Case).where(Case.order_id == order.id)).one()
    commands.run(desk, typed(f"{short_code(forced.id)} 强制 客户急用"), cast.xiaoli)
    assert told(desk, forced) == ""


def test_what_heals_by_itself_says_nothing_of_words_to_copy(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = vague(desk)
    order.district = "西湖区"
    session.flush()
    watch.watch(desk, [order.id])

    assert told(desk, case) == ""


def test_where_such_notices_are_off_the_card_says_so(desk: Desk, session: Session, cast: Cast) -> None:
    now = notices.notice(desk, "solved")
    notices.put(desk, Actor("陈姐"), (now, replace(now, on=False)), "关")
    _, case = vague(desk)
    cases.solve(desk, case.id, cast.xiaoli)

    assert told(desk, case) == "客户没有通知：这类通知已关闭"


def test_a_look_at_an_ended_card_costs_one_statement(
    desk: Desk, session: Session, cast: Cast, bound: tuple[Order, Case]
) -> None:
    said: list[str] = []

    def note(*about: Any) -> None:
        said.append(about[2])

    session.flush()
    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        show.show(desk, f"case:{bound[1].id}", cast.xiaoli)
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)
    assert len(said) == 1, said


def test_the_press_that_ends_it_shows_who_when_and_what_the_customer_hears(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_customer(session)
    _, case = vague(desk)

    view = pressing.press(desk, pressed("solve", f"case:{case.id}"), cast.xiaoli)

    assert isinstance(view, CaseView)
    assert (view.settled, view.note, view.told) == (True, "小李已确认 12-22 10:00", "正在通知客户")
