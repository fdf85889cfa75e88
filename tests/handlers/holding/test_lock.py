"""锁定 and 解锁: a person's lock beside those of rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import due, pressing, show, trail, watch
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk, Refusal
from handlers.views import CaseView, OrderView
from models import Case, Notification, Order, TrailRow
from tests.cast import Cast
from tests.factories import make_case, make_order, pressed
from tests.handlers.batches.conftest import asked, press, say, shops

__all__ = ["shops"]
pytestmark = pytest.mark.usefixtures("shops")


def the_lock(session: Session) -> Case:
    return session.scalars(select(Case).where(Case.kind == "person_lock")).one()


def test_a_locked_order_goes_nowhere_and_says_who_can_help(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    view = say(desk, f"锁定 {order.tag} 客户说先别发", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert (view.lock_reason, view.note) == ("人工锁定：客户说先别发", "小李：已锁定")
    assert view.cases[0].startswith("人工锁定：客户说先别发（")
    with pytest.raises(Refusal, match="已锁定，不能审核：人工锁定：客户说先别发"):
        say(desk, f"审核 {order.tag}", cast.xiaoli)
    row = session.scalars(select(TrailRow).order_by(TrailRow.id)).first()
    assert row is not None
    assert (row.actor, row.action, row.detail) == ("小李", "锁定", '{"原因":"客户说先别发"}')
    assert session.scalars(select(Notification).where(Notification.purpose == "card")).all() == [], "nobody is paged"
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_no_rules_look_removes_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, district="")
    watch.watch(desk, [order.id])
    say(desk, f"锁定 {order.tag} 客户说先别发", cast.xiaoli)
    assert "人工锁定：客户说先别发" in order.lock_reason
    assert order.lock_reason.count("：") > 1, "beside the lock of the rule"

    order.district, order.refund = "西湖区", ""
    session.flush()
    for _ in range(2):
        watch.arrived(desk, [order.id])
        due.look(desk)
    session.expire_all()

    assert order.lock_reason == "人工锁定：客户说先别发"


def test_unlocked_only_what_people_locked_opens(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, district="")
    watch.watch(desk, [order.id])
    session.expire_all()
    rule_lock = order.lock_reason
    say(desk, f"锁定 {order.tag} 先别发", cast.xiaoli)

    view = say(desk, f"解锁 {order.tag} 客户同意了", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert order.lock_reason == rule_lock
    assert (the_lock(session).state, the_lock(session).solution) == ("solved", "解锁：客户同意了")
    with pytest.raises(Refusal, match=f"{order.tag} 没有人工锁定：.*，要先处理这件异常"):
        say(desk, f"解锁 {order.tag}", cast.xiaoli)


def test_whose_role_locked_it_opens_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_pick")
    say(desk, f"锁定 {order.tag} 箱子破了", cast.laowang)

    with pytest.raises(Refusal, match="由仓库锁定，要仓库解锁，主管也可以"):
        say(desk, f"解锁 {order.tag}", cast.xiaoli)
    say(desk, f"解锁 {order.tag}", cast.chenjie)
    assert order.lock_reason == ""
    say(desk, f"锁定 {order.tag} 查账", cast.chenjie)
    with pytest.raises(Refusal, match="由主管锁定，要主管解锁"):
        say(desk, f"解锁 {order.tag}", cast.laowang)
    with pytest.raises(Refusal, match="锁定由客服、仓库操作，您是采购"):
        say(desk, f"锁定 {order.tag} 缺货", cast.zhaojie)


def test_its_own_card_opens_it_too(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    say(desk, f"锁定 {order.tag} 先别发", cast.xiaoli)
    case = the_lock(session)

    card = show.show(desk, f"case:{case.id}", cast.xiaoli)
    assert isinstance(card, CaseView)
    assert card.offers[0].text == "解锁"
    pressing.press(desk, pressed("solve", f"case:{case.id}", revision=case.revision), cast.xiaoli)
    session.expire_all()

    assert order.lock_reason == ""


def test_it_is_locked_once_and_needs_a_reason(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    with pytest.raises(Refusal, match=r"为什么锁定？请发：锁定 .* 原因"):
        say(desk, f"锁定 {order.tag}", cast.xiaoli)
    with pytest.raises(Refusal, match="锁定哪一单"):
        say(desk, "锁定", cast.xiaoli)
    say(desk, f"锁定 {order.tag} 先别发", cast.xiaoli)
    with pytest.raises(Refusal, match=f"{order.tag} 已有人工锁定，不能锁定"):
        say(desk, f"锁定 {order.tag} 再锁一次", cast.chenjie)
    with pytest.raises(Refusal, match="是订单还是原因"):
        say(desk, f"锁定 {order.tag} 138 盘点", cast.xiaoli)


def test_many_are_locked_opened_and_both_taken_back(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(4)]
    done = make_order(session, stage="done")
    press(desk, asked(desk, "锁定 全部 盘点", cast.xiaoli), "confirm", cast.xiaoli)
    assert {order.lock_reason for order in orders} == {"人工锁定：盘点"}
    assert done.lock_reason == ""

    say(desk, "撤销", cast.xiaoli)
    assert {order.lock_reason for order in orders} == {""}

    press(desk, asked(desk, "锁定 全部 盘点", cast.xiaoli), "confirm", cast.xiaoli)
    view = press(desk, asked(desk, "解锁 全部", cast.xiaoli), "confirm", cast.xiaoli)
    assert view.done == 4
    assert {order.lock_reason for order in orders} == {""}

    view = press(desk, view, "undo", cast.xiaoli)
    assert isinstance(view, BatchView)
    assert {order.lock_reason for order in orders} == {"人工锁定：盘点"}
    for order in orders:
        assert trail.verify(session, f"order:1:{order.external_id}")


def test_a_lock_is_over_when_the_order_left_or_was_cancelled(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    say(desk, f"锁定 {order.tag} 先别发", cast.xiaoli)
    order.effect = "cancelled"
    session.flush()

    watch.arrived(desk, [order.id])
    session.expire_all()

    assert (order.stage, order.lock_reason) == ("cancelled", "")
    assert (the_lock(session).state, the_lock(session).solution) == ("solved", "订单已取消")


def test_a_lock_that_was_forgotten_is_remembered_in_a_working_day(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    say(desk, f"锁定 {order.tag} 先别发", cast.xiaoli)
    desk.now += timedelta(hours=8)
    due.look(desk)
    told = session.scalars(select(Notification).where(Notification.purpose == "card")).all()
    lock = [row for row in told if row.subject == f"case:{the_lock(session).id}"]
    assert [row.recipient for row in lock] == [str(cast.xiaoli.staff_id)]


def test_an_order_that_is_gone_cannot_be_locked(desk: Desk, session: Session, cast: Cast) -> None:
    for stage, words in (("done", "已完成"), ("cancelled", "已取消")):
        order: Order = make_order(session, stage=stage)
        with pytest.raises(Refusal, match=f"{order.tag} 现在是{words}，不能锁定"):
            say(desk, f"锁定 {order.tag} 先别发", cast.xiaoli)
    case = make_case(session, make_order(session))
    assert isinstance(show.show(desk, f"case:{case.id}", None), CaseView)
    assert Actor("x").staff_id is None
