"""备注, for many orders, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers import show, trail
from handlers.desk import Desk, Job, Refusal
from handlers.views import OrderView, TextView
from models import TrailRow, WriteBack
from tests.cast import Cast
from tests.factories import make_order
from tests.handlers.batches.conftest import asked, press, say

pytestmark = pytest.mark.usefixtures("shops")


def test_one_note_for_many_is_told_their_platforms_a_minute_later(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(3)]
    sheet = make_order(session, platform="sheet")

    view = asked(desk, "备注 全部 红旗 今天盘点", cast.xiaoli)
    assert (view.words, view.total) == ("红旗 今天盘点", 4)
    assert press(desk, view, "confirm", cast.xiaoli).done == 4

    rows = session.scalars(select(WriteBack)).all()
    assert {row.order_id for row in rows} == {order.id for order in orders}
    assert {(row.line, row.body["flag"], row.next_try_at) for row in rows} == {
        ("今天盘点", 1, desk.now + timedelta(seconds=60))
    }
    assert (Job.WRITE_BACK, ()) not in desk.later
    assert show.show_order(desk, sheet.id, None).seller_memo == "小李：今天盘点"
    assert [row.action for row in session.scalars(select(TrailRow))] == ["备注"] * 4


def test_taken_back_it_is_shown_no_more_and_never_told(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(3)]
    press(desk, asked(desk, "备注 全部 今天盘点", cast.xiaoli), "confirm", cast.xiaoli)

    say(desk, "撤销", cast.xiaoli)

    assert session.scalars(select(WriteBack)).all() == []
    for order in orders:
        assert show.show_order(desk, order.id, None).seller_memo == ""
        assert trail.verify(session, f"order:1:{order.external_id}")
    say(desk, f"备注 {orders[0].tag} 今天盘点", cast.xiaoli)
    assert show.show_order(desk, orders[0].id, None).seller_memo == "小李：今天盘点", "said again it stands again"


def test_a_note_that_the_platform_bears_already_is_named(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    say(desk, f"备注 {order.tag} 加固", cast.xiaoli)
    session.execute(update(WriteBack).values(state="confirmed", tries=1, next_try_at=None))

    view = say(desk, "撤销", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert view.seller_memo == ""
    last = session.scalars(select(TrailRow).order_by(TrailRow.id.desc())).first()
    assert last is not None
    assert (last.action, "要到平台后台删" in last.detail) == ("撤销备注", True)


def test_a_note_said_again_is_owed_again(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(3)]
    names = "、".join(order.tag for order in orders)
    press(desk, asked(desk, f"备注 {names} 加固", cast.xiaoli), "confirm", cast.xiaoli)
    session.execute(update(WriteBack).values(state="confirmed", tries=1, next_try_at=None))

    press(desk, asked(desk, f"备注 {names} 绿旗 加固", cast.xiaoli), "confirm", cast.xiaoli)

    assert {(row.state, row.tries, row.body.get("flag")) for row in session.scalars(select(WriteBack))} == {
        ("owed", 0, 3)
    }


def test_two_get_it_at_once_and_one_as_ever(desk: Desk, session: Session, cast: Cast) -> None:
    one, two = make_order(session), make_order(session)

    view = say(desk, f"备注 {one.tag}、{two.tag} 加固", cast.xiaoli)
    assert isinstance(view, TextView)
    assert view.text.split("\n")[:3] == ["备注：办成 2 单", f"✓ {one.tag} 已备注", f"✓ {two.tag} 已备注"]
    view = say(desk, f"备注 {one.tag} 138 元已退", cast.xiaoli)
    assert isinstance(view, OrderView)
    assert view.seller_memo == "小李：加固；小李：138 元已退"


def test_it_needs_words(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session)

    with pytest.raises(Refusal, match="备注什么"):
        say(desk, "备注 全部", cast.xiaoli)
    with pytest.raises(Refusal, match="最多 200 个字"):
        say(desk, f"备注 全部 {'长' * 201}", cast.xiaoli)
