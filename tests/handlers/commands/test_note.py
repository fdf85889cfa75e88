"""备注 as it reaches the marketplace; what it does here is in test_commands.py."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands
from handlers.commands.note import flagged
from handlers.desk import Desk, Job, Refusal
from handlers.views import OrderView
from models import TrailRow, WriteBack
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
        ("绿旗加固", "加固", 3),
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
