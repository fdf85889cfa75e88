"""延发: not before a day, and called on that day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import due, trail, watch
from handlers.batches.view import BatchView
from handlers.desk import Desk, Refusal
from handlers.views import OrderView, TextView
from models import Case, Notification, Order, WriteBack
from tests.cast import Cast
from tests.factories import make_customer, make_order
from tests.handlers.batches.conftest import asked, press, say, shops

__all__ = ["shops"]
pytestmark = pytest.mark.usefixtures("shops")

THE_25TH = datetime(2025, 12, 24, 16, 0, tzinfo=UTC)
"""Midnight in Beijing."""
FAR = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)


def order_of(session: Session, **changes: object) -> Order:
    return make_order(session, **{"ship_by_at": FAR, **changes})  # type: ignore[arg-type]


def the_hold(session: Session) -> Case:
    return session.scalars(select(Case).where(Case.kind == "hold_until").order_by(Case.id.desc())).first()  # type: ignore[return-value]


def texts(session: Session) -> dict[str, str]:
    rows = session.scalars(select(Notification).where(Notification.purpose == "text", Notification.channel == "staff"))
    return {row.recipient: row.body["text"] for row in rows}


def test_it_does_not_leave_before_its_day(desk: Desk, session: Session, cast: Cast) -> None:
    order = order_of(session, stage="pending_ship")

    view = say(desk, f"延发 {order.tag} 12-25 客户出差", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert view.note == "小李：改到 12-25 起发货"
    assert order.not_before_at == THE_25TH
    assert order.lock_reason == "", "it may be packed"
    with pytest.raises(Refusal, match="约定 12-25 起发货，现在不能发"):
        say(desk, f"发货 {order.tag} 顺丰 SF1234567890123", cast.laowang)
    memo = session.scalars(select(WriteBack)).one()
    assert (memo.kind, memo.line, memo.next_try_at) == (
        "memo", "12-25 起再发，客户出差", desk.now + timedelta(seconds=60),
    )  # fmt: skip
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_on_its_day_the_warehouse_is_called_once_with_all_of_them(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [order_of(session, stage="pending_ship") for _ in range(3)]
    press(desk, asked(desk, "延发 全部 12-25 出差", cast.xiaoli), "confirm", cast.xiaoli)
    desk.now = THE_25TH + timedelta(hours=8, minutes=59)
    due.look(desk)
    assert texts(session) == {}
    desk.now = THE_25TH + timedelta(hours=9)

    for _ in range(2):
        due.look(desk)
    session.expire_all()

    words = "延发到今天的单可以发货了：" + "、".join(order.tag for order in orders)
    assert texts(session) == {str(cast.laowang.staff_id): words, str(cast.xiaoli.staff_id): words}
    assert the_hold(session).state == "solved"
    say(desk, f"发货 {orders[0].tag} 顺丰 SF1234567890123", cast.laowang)
    assert orders[0].stage == "done"


def test_a_wish_of_the_customer_is_granted_by_it(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    order = order_of(session, buyer_message="晚点发，等我通知")
    watch.watch(desk, [order.id])
    session.expire_all()
    assert order.lock_reason.startswith("要求延后发货")

    say(desk, f"延发 {order.tag} 12-25", cast.xiaoli)

    wish = session.scalars(select(Case).where(Case.kind == "delay_request")).one()
    assert (wish.state, wish.solved_by, wish.solution) == ("solved", cast.xiaoli.staff_id, "已改到 12-25 发货")
    assert order.lock_reason == ""
    told = session.scalars(select(Notification).where(Notification.channel == "customer")).one()
    assert (told.body["values"]["result"], told.next_try_at) == ("已改期", desk.now + timedelta(seconds=60))

    say(desk, "撤销", cast.xiaoli)
    assert wish.state == "open"
    assert order.not_before_at is None
    assert order.lock_reason.startswith("要求延后发货")
    assert session.scalars(select(Notification).where(Notification.channel == "customer")).all() == []
    assert session.scalars(select(WriteBack)).all() == []


def test_another_day_changes_the_same_matter(desk: Desk, session: Session, cast: Cast) -> None:
    order = order_of(session)
    say(desk, f"延发 {order.tag} 12-25 出差", cast.xiaoli)
    first = the_hold(session).id

    say(desk, f"延发 {order.tag} 12-28 还没回来", cast.xiaoli)

    assert the_hold(session).id == first
    assert the_hold(session).reason == "约定 12-28 起发货：还没回来"
    with pytest.raises(Refusal, match="已经约定 12-28 起发货"):
        say(desk, f"延发 {order.tag} 12-28", cast.xiaoli)
    say(desk, "撤销", cast.xiaoli)
    assert order.not_before_at == THE_25TH
    assert the_hold(session).reason == "约定 12-25 起发货"


def test_it_can_be_lifted_and_that_taken_back(desk: Desk, session: Session, cast: Cast) -> None:
    order = order_of(session)
    with pytest.raises(Refusal, match=f"{order.tag} 没有延发"):
        say(desk, f"延发 {order.tag} 取消", cast.xiaoli)
    say(desk, f"延发 {order.tag} 12-25 出差", cast.xiaoli)

    view = say(desk, f"延发 {order.tag} 取消", cast.xiaoli)
    assert isinstance(view, OrderView)
    assert (order.not_before_at, view.note, the_hold(session).state) == (None, "小李：不再延发", "solved")

    say(desk, "撤销", cast.xiaoli)
    assert order.not_before_at == THE_25TH
    assert the_hold(session).state == "open"


def test_a_presale_gets_its_own_day_back(desk: Desk, session: Session, cast: Cast) -> None:
    presale = datetime(2025, 12, 23, 16, 0, tzinfo=UTC)
    order = order_of(session, not_before_at=presale)
    say(desk, f"延发 {order.tag} 12-25 出差", cast.xiaoli)
    say(desk, f"延发 {order.tag} 取消", cast.xiaoli)
    assert order.not_before_at == presale
    say(desk, f"延发 {order.tag} 12-25 出差", cast.xiaoli)
    say(desk, "撤销", cast.xiaoli)
    assert order.not_before_at == presale
    assert the_hold(session).state == "solved"


def test_a_day_behind_the_platforms_deadline_is_asked_about_first(desk: Desk, session: Session, cast: Cast) -> None:
    order = order_of(session, ship_by_at=desk.now + timedelta(hours=48))

    view = asked(desk, f"延发 {order.tag} 12-25 出差", cast.xiaoli)

    assert view.doubts == (f"平台发货期限在这之前，延发会超时：{order.tag}（12-24）",)
    assert order.not_before_at is None
    press(desk, view, "confirm", cast.xiaoli)
    assert order.not_before_at == THE_25TH


def test_the_same_may_be_typed_with_the_yes(desk: Desk, session: Session, cast: Cast) -> None:
    order = order_of(session, ship_by_at=desk.now + timedelta(hours=48))

    view = say(desk, f"延发 {order.tag} 12-25 出差 确认", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert the_hold(session).reason == "约定 12-25 起发货：出差"


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("延发", "延发哪一单"),
        ("延发 {tag}", "延到哪一天？请发：延发 .* 12-25 原因"),
        ("延发 {tag} 出差", "延到哪一天"),
        ("延发 {tag} 今天", "12-22 已经到了"),
        ("延发 {tag} 2025-12-01 出差", "延到哪一天"),
    ],
)
def test_what_is_missing_is_named(desk: Desk, session: Session, cast: Cast, words: str, refused: str) -> None:
    order = order_of(session)
    with pytest.raises(Refusal, match=refused):
        say(desk, words.format(tag=order.tag), cast.xiaoli)
    assert order.not_before_at is None


def test_it_is_over_when_the_order_left(desk: Desk, session: Session, cast: Cast) -> None:
    order = order_of(session, stage="pending_ship")
    say(desk, f"延发 {order.tag} 12-25 出差", cast.xiaoli)

    say(desk, f"发货 {order.tag} 顺丰 SF1234567890123", cast.chenjie)

    assert the_hold(session).state == "solved"
    with pytest.raises(Refusal, match="延发由客服操作，您是仓库"):
        say(desk, f"延发 {order.tag} 12-25", cast.laowang)


def test_two_are_held_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    one, two = order_of(session), order_of(session)
    view = say(desk, f"延发 {one.tag}、{two.tag} 12-25 出差", cast.xiaoli)
    assert isinstance(view, TextView)
    assert {one.not_before_at, two.not_before_at} == {THE_25TH}
    over = say(desk, "撤销", cast.xiaoli)
    assert isinstance(over, BatchView)
    assert {one.not_before_at, two.not_before_at} == {None}
