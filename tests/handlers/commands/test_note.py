"""备注 as it reaches the marketplace; what it does here is in test_commands.py."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, shipping
from handlers.commands.note import flagged
from handlers.desk import Desk, Job, Refusal
from handlers.views import OrderView
from models import Notification, TrailRow, WriteBack
from tests.cast import Cast
from tests.factories import make_order, typed


@pytest.mark.parametrize(
    ("words", "line", "flag"),
    [
        ("加固包装", "加固包装", None),
        ("红旗 加固包装", "加固包装", 1),
        ("红旗，加固包装", "加固包装", 1),
        ("加固包装 紫旗", "加固包装", 5),
        ("加固包装。黄旗", "加固包装。", 2),
        ("绿旗加固", "绿旗加固", None),
        ("绿旗袍一件", "绿旗袍一件", None),
        ("红旗渠香烟", "红旗渠香烟", None),
        ("要插黄旗", "要插黄旗", None),
        ("先看看黄旗海", "先看看黄旗海", None),
        ("加固，红旗，轻放", "加固，轻放", 1),
        ("无旗", "无旗", 0),
        ("去旗 已处理", "已处理", 0),
        ("已处理，取消旗帜", "已处理", 0),
        ("蓝旗", "蓝旗", 4),
        ("送一面红旗给客户", "送一面红旗给客户", None),
        ("橙旗 加固", "橙旗 加固", None),
    ],
)
def test_a_flag_stands_before_or_behind_the_words(words: str, line: str, flag: int | None) -> None:
    assert flagged(words) == (line, flag)


def test_a_note_is_owed_to_the_marketplace_with_its_flag(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    view = commands.run(desk, typed(f"备注 {order.tag} 加固包装，轻放 红旗"), cast.xiaoli)

    assert isinstance(view, OrderView)
    assert view.seller_memo == "小李：加固包装，轻放"
    row = session.scalars(select(WriteBack)).one()
    assert (row.order_id, row.shop_id, row.kind, row.state, row.next_try_at) == (order.id, 1, "memo", "owed", desk.now)
    assert row.body == {"line": "加固包装，轻放", "flag": 1, "by": cast.xiaoli.staff_id}
    assert (Job.WRITE_BACK, ()) in desk.later
    assert "红旗" in session.scalars(select(TrailRow.detail)).one()


def test_a_flag_can_be_taken_away_again(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    commands.run(desk, typed(f"备注 {order.tag} 去旗 已处理"), cast.xiaoli)
    row = session.scalars(select(WriteBack)).one()
    assert row.body == {"line": "已处理", "flag": 0, "by": cast.xiaoli.staff_id}
    shipping.write_back_confirmed(desk, row.id)
    assert all("无旗" in detail for detail in session.scalars(select(TrailRow.detail)))


@pytest.mark.parametrize(
    ("platform", "flag", "words"),
    [
        ("wxshop", "红旗", "微信小店没有旗帜，只写了备注"),
        ("wxshop", "去旗", "微信小店没有旗帜，只写了备注"),
        ("pdd", "去旗", "拼多多的旗帜要到商家后台去掉，只写了备注"),
        ("sheet", "红旗", "这家店没有平台备注，旗帜没有写"),
    ],
)
def test_where_there_are_no_flags_the_writer_hears_it_and_the_trail_claims_none(
    desk: Desk, session: Session, cast: Cast, platform: str, flag: str, words: str
) -> None:
    order = make_order(session, platform=platform)
    view = commands.run(desk, typed(f"备注 {order.tag} {flag} 加固"), cast.xiaoli)
    assert isinstance(view, OrderView)
    assert view.note == f"小李已备注；{words}"
    for row in session.scalars(select(WriteBack)):
        assert row.body == {"line": "加固", "by": cast.xiaoli.staff_id}
        shipping.write_back_confirmed(desk, row.id)
    assert not any("旗" in detail for detail in session.scalars(select(TrailRow.detail)))
    assert "旗" not in commands.run(desk, typed(f"备注 {order.tag} 轻放"), cast.xiaoli).note  # type: ignore[union-attr]


def test_what_the_platforms_memo_bears_already_is_not_shown_twice(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, seller_memo="老客户")
    commands.run(desk, typed(f"备注 {order.tag} 加固包装"), cast.xiaoli)
    order.seller_memo = "老客户；加固包装"  # as the next pull brings it back
    session.flush()

    view = commands.run(desk, typed(f"备注 {order.tag} 轻放"), cast.xiaoli)

    assert isinstance(view, OrderView)
    assert view.seller_memo == "老客户；加固包装；小李：轻放"


def test_whoever_may_not_note_owes_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    with pytest.raises(Refusal, match="备注由客服操作"):
        commands.run(desk, typed(f"备注 {order.tag} 好", sender="laowang"), cast.laowang)
    assert session.scalars(select(WriteBack)).all() == []


def test_a_note_on_a_cancelled_order_is_kept_and_says_that_the_platform_may_refuse_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, stage="cancelled")

    view = commands.run(desk, typed(f"备注 {order.tag} 客户说下周再买"), cast.xiaoli)

    assert isinstance(view, OrderView)
    assert view.note == "小李已备注；订单已取消，这里已记下，平台不收的话会告诉您"
    row = session.scalars(select(WriteBack)).one()
    shipping.write_back_failed(desk, row.id, "订单已关闭，不能改备注")
    told = session.scalars(select(Notification).where(Notification.channel == "staff")).all()
    assert [one.recipient for one in told if one.purpose != "edit"] == [str(cast.xiaoli.staff_id)]


def test_where_the_platform_hears_of_nothing_nothing_is_said_of_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="cancelled", platform="chat", tag="CHAT-20251222-401")

    view = commands.run(desk, typed(f"备注 {order.tag} 客户说下周再买"), cast.xiaoli)

    assert isinstance(view, OrderView)
    assert view.note == "小李已备注"
    assert session.scalars(select(WriteBack)).all() == []
