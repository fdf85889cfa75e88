"""撤销: within a minute all of it that is still as it was left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers import due, pressing, trail, waybill
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.stages import move
from handlers.views import OrderView, TextView
from models import Case, Customer, Notification, Order, Parcel, Role, Stock, TrailRow, WriteBack
from models.case import short_code
from models.stages import Verb
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_customer, make_line, make_order, make_stock, pressed
from tests.handlers.batches.conftest import asked, press, say

pytestmark = pytest.mark.usefixtures("shops")


def done(desk: Desk, text: str, by: Actor) -> BatchView:
    return press(desk, asked(desk, text, by), "confirm", by)


def later(desk: Desk, **span: float) -> None:
    desk.now += timedelta(**span)


def test_a_batch_goes_back_to_where_it_was(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(3)]
    before = {order.id: (order.stage, order.stage_entered_at, order.recheck_at) for order in orders}
    view = done(desk, "审核 全部", cast.xiaoli)
    assert [offer.action for offer in view.offers] == ["batch_undo"]
    later(desk, seconds=60)

    over = press(desk, view, "undo", cast.xiaoli)

    assert (over.state, over.undone, over.named, over.offers) == ("undone", 3, (), ())
    for order in orders:
        assert (order.stage, order.stage_entered_at) == before[order.id][:2]
        assert trail.verify(session, f"order:1:{order.external_id}")
    rows = session.scalars(select(TrailRow.action).order_by(TrailRow.id)).all()
    assert rows == ["审核"] * 3 + ["撤销"] * 3


def test_after_a_minute_it_says_so_and_changes_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(3)]
    view = done(desk, "审核 全部", cast.xiaoli)
    later(desk, seconds=61)

    over = press(desk, view, "undo", cast.xiaoli)

    assert (over.state, over.note, over.offers) == ("done", "已超过 60 秒，不能撤销。要改请对订单单独处理", ())
    assert {order.stage for order in orders} == {"pending_pick"}
    text = say(desk, "撤销", cast.xiaoli)
    assert isinstance(text, TextView)
    assert text.text.startswith("已超过 60 秒")


def test_what_somebody_shipped_since_stays_and_is_named(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session, stage="pending_pick") for _ in range(4)]
    view = done(desk, "配货 全部", cast.laowang)
    move(desk, f"order:{orders[2].id}", Verb.SHIP, cast.laowang, shipment=waybill.read("顺丰 SF1234567890123"))

    over = press(desk, view, "undo", cast.chenjie)

    assert (over.state, over.undone) == ("undone", 3)
    assert over.named == ((orders[2].tag, "老王之后又发货，现在是已完成"),)
    session.expire_all()
    assert [order.stage for order in orders] == ["pending_pick", "pending_pick", "done", "pending_pick"]


def test_only_who_did_it_or_a_supervisor_takes_it_back(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session)
    view = done(desk, "审核 全部", cast.xiaoli)
    other = Actor("小周", cast.xiaoli.roles, 999, "wecom_bot")

    with pytest.raises(Refusal, match="只有小李本人或主管可以撤销"):
        press(desk, view, "undo", other)
    with pytest.raises(Refusal, match="审核由客服操作"):
        press(desk, view, "undo", cast.laowang)
    assert press(desk, view, "undo", cast.chenjie).state == "undone"
    assert press(desk, view, "undo", cast.xiaoli).note == "陈姐已经撤销了"


def test_a_single_step_is_taken_back_by_the_word_alone(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    say(desk, f"审核 {order.tag}", cast.xiaoli)

    view = say(desk, "撤销", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert (view.stage, view.note) == ("pending_review", "小李已撤销")
    again = say(desk, "撤销", cast.xiaoli)
    assert isinstance(again, TextView)
    assert again.text == "小李已经撤销了"


def test_a_step_by_a_button_is_taken_back_by_the_word_too(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    pressing.press(desk, pressed("approve", f"order:{order.id}"), cast.xiaoli)

    say(desk, "撤销", cast.xiaoli)

    assert order.stage == "pending_review"


def test_of_a_batch_one_order_can_be_taken_back_alone(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(3)]
    done(desk, "审核 全部", cast.xiaoli)

    view = say(desk, f"撤销 {orders[1].tag}", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert [order.stage for order in orders] == ["pending_pick", "pending_review", "pending_pick"]
    with_rest = say(desk, "撤销", cast.xiaoli)
    assert isinstance(with_rest, BatchView)
    assert with_rest.undone == 3
    assert {order.stage for order in orders} == {"pending_review"}


def test_two_that_were_done_at_once_are_taken_back_together(desk: Desk, session: Session, cast: Cast) -> None:
    one, two = make_order(session), make_order(session)
    say(desk, f"审核 {one.tag} {two.tag}", cast.xiaoli)

    view = say(desk, "撤销", cast.xiaoli)

    assert isinstance(view, BatchView)
    assert {one.stage, two.stage} == {"pending_review"}


def test_nothing_done_is_nothing_to_take_back(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    with pytest.raises(Refusal, match="您最近 60 秒内没有可以撤销的操作"):
        say(desk, "撤销", cast.xiaoli)
    with pytest.raises(Refusal, match="这一单最近没有可以撤销的操作"):
        say(desk, f"撤销 {order.tag}", cast.xiaoli)
    with pytest.raises(Refusal, match="没有批99999"):
        say(desk, "撤销 批99999", cast.xiaoli)
    for _ in range(3):
        make_order(session)
    view = asked(desk, "审核 全部", cast.xiaoli)
    assert press(desk, view, "undo", cast.xiaoli).note == "还没有确认，什么都没有动"


def test_a_matter_that_the_step_ended_lives_again(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session, stage_entered_at=desk.now - timedelta(hours=3)) for _ in range(3)]
    due.look(desk)
    session.expire_all()
    assert [case.state for case in session.scalars(select(Case))] == ["open"] * 3
    done(desk, "审核 " + " ".join(order.tag for order in orders), cast.xiaoli)
    assert [case.state for case in session.scalars(select(Case))] == ["solved"] * 3

    say(desk, "撤销", cast.xiaoli)

    cases = session.scalars(select(Case)).all()
    assert [(case.state, case.solved_by) for case in cases] == [("open", None)] * 3, "the same matter, not a new one"
    assert all(case.due_at is not None for case in cases)


# 发货: what nobody outside has heard of

WORDS = "发货\n{0} 顺丰 SF1234567890123\n{1} 圆通 YT1234567890123\n{2} 顺丰 SF1234567890125"


def ready(session: Session, count: int = 3, **changes: Any) -> list[Order]:
    return [make_order(session, stage="pending_ship", lines=[make_line()], **changes) for _ in range(count)]


def ship(desk: Desk, orders: list[Order], by: Actor) -> BatchView:
    return done(desk, WORDS.format(*(order.tag for order in orders)), by)


def test_parcels_are_told_of_when_they_cannot_be_taken_back_any_more(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "QH-CUP-RED", 10)
    make_customer(session)
    orders = ready(session)

    view = ship(desk, orders, cast.laowang)

    assert (view.state, view.done) == ("done", 3)
    assert [(order.stage, order.courier, order.waybill) for order in orders] == [
        ("done", "shunfeng", "SF1234567890123"),
        ("done", "yuantong", "YT1234567890123"),
        ("done", "shunfeng", "SF1234567890125"),
    ]
    minute = desk.now + timedelta(seconds=60)
    owed = session.scalars(select(WriteBack)).all()
    assert {(row.state, row.next_try_at) for row in owed} == {("owed", minute)}
    assert (Job.WRITE_BACK, ()) not in desk.later
    told = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
    assert {(row.state, row.next_try_at) for row in told} == {("owed", minute)}
    assert session.scalars(select(Stock.on_hand)).one() == 7


def test_parcels_that_nobody_heard_of_come_back_whole(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "QH-CUP-RED", 10)
    make_customer(session)
    orders = ready(session)
    ship(desk, orders, cast.laowang)

    over = say(desk, "撤销", cast.laowang)

    assert isinstance(over, BatchView)
    assert (over.state, over.undone) == ("undone", 3)
    for order in orders:
        assert (order.stage, order.waybill, order.courier, order.shipped_at) == ("pending_ship", "", "", None)
        assert trail.verify(session, f"order:1:{order.external_id}")
    assert session.scalars(select(WriteBack)).all() == []
    assert session.scalars(select(Notification).where(Notification.channel == "customer")).all() == []
    assert session.scalars(select(Parcel)).all() == []
    assert session.scalars(select(Stock.on_hand)).one() == 10
    again = ship(desk, orders, cast.laowang)
    assert (again.state, again.done) == ("done", 3)
    assert len(session.scalars(select(WriteBack)).all()) == 3
    assert session.scalars(select(Customer)).one().openid


def test_a_parcel_that_its_platform_knows_already_stays(desk: Desk, session: Session, cast: Cast) -> None:
    orders = ready(session)
    ship(desk, orders, cast.laowang)
    told = update(WriteBack).where(WriteBack.order_id == orders[1].id)
    session.execute(told.values(state="confirmed", tries=1, next_try_at=None))

    over = say(desk, "撤销", cast.laowang)

    assert isinstance(over, BatchView)
    assert over.undone == 2
    assert over.named == ((orders[1].tag, "已经告诉平台或客户，撤不回来；单号发错请在平台后台更正"),)
    assert [order.stage for order in orders] == ["pending_ship", "done", "pending_ship"]


def test_a_parcel_whose_deadline_is_near_does_not_wait(desk: Desk, session: Session, cast: Cast) -> None:
    orders = ready(session)
    orders[0].ship_by_at = desk.now + timedelta(minutes=5)
    session.flush()

    ship(desk, orders, cast.laowang)

    owed = {row.order_id: row.next_try_at for row in session.scalars(select(WriteBack))}
    assert owed[orders[0].id] == desk.now
    assert owed[orders[1].id] == desk.now + timedelta(seconds=60)
    assert (Job.WRITE_BACK, ()) in desk.later


def test_a_single_shipment_that_is_told_of_at_once_says_that_it_cannot_come_back(
    desk: Desk, session: Session, cast: Cast
) -> None:
    (order,) = ready(session, 1)
    say(desk, f"发货 {order.tag} 顺丰 SF1234567890123", cast.laowang)
    session.execute(update(WriteBack).values(state="confirmed", tries=1, next_try_at=None))

    view = say(desk, "撤销", cast.laowang)

    assert isinstance(view, TextView)
    assert view.text.startswith(f"{order.tag} 已经告诉平台或客户，撤不回来")
    assert order.stage == "done"


def test_anothers_step_is_taken_back_by_its_number_alone(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    case = make_case(session, order, kind="unmerged", blocks=False)
    say(desk, f"审核 {order.tag}", cast.xiaoli)
    with pytest.raises(Refusal, match="您最近 60 秒内没有可以撤销的操作"):
        say(desk, "撤销", cast.chenjie)
    say(desk, f"撤销 {order.tag}", cast.chenjie)
    assert (order.stage, case.state) == ("pending_review", "open")


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("转 {other} 小张", "「转单」，它不能撤销，要换人请再转"),
        ("认领 {other}", "「认领」，它不能撤销，不做了请发：释放 短码"),
        ("{code} 认领", "「认领」"),
        ("{code} 转 小张", "「转交」"),
        ("{code} +2h", "「延后提醒」"),
        ("{code} 等客户 1h", "「等客户」"),
    ],
)
def test_an_older_step_is_not_taken_back_for_what_cannot_be(
    desk: Desk, session: Session, cast: Cast, act: str, words: str
) -> None:
    hire(session, Member("小张", "xiaozhang", Role.SERVICE))
    order, other = make_order(session), make_order(session)
    case = make_case(session, other, role="service")
    say(desk, f"审核 {order.tag}", cast.xiaoli)
    later(desk, seconds=5)
    say(desk, act.format(other=other.tag, code=short_code(case.id)), cast.xiaoli)
    later(desk, seconds=5)

    with pytest.raises(Refusal, match=f"您最后做的是{words}.*更早的没有动"):
        say(desk, "撤销", cast.xiaoli)

    session.expire_all()
    assert order.stage == "pending_pick"
    later(desk, seconds=5)
    say(desk, f"撤销 {order.tag}", cast.xiaoli)
    session.expire_all()
    assert order.stage == "pending_review", "named, it is meant"


def test_a_matter_without_an_order_that_ended_is_not_skipped_over(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    case = make_case(session, kind="missing_order", group_key="shop:1", role="supervisor", evidence={})
    say(desk, f"审核 {order.tag}", cast.chenjie)
    later(desk, seconds=5)
    say(desk, f"{short_code(case.id)} 完成", cast.chenjie)

    with pytest.raises(Refusal, match="您最后做的是「处理完成」，它不能撤销。更早的没有动"):
        say(desk, "撤销", cast.chenjie)

    session.expire_all()
    assert order.stage == "pending_pick"


def test_what_was_done_before_the_step_does_not_hinder_its_undoing(desk: Desk, session: Session, cast: Cast) -> None:
    order, other = make_order(session), make_order(session)
    say(desk, f"认领 {other.tag}", cast.xiaoli)
    later(desk, seconds=5)
    say(desk, f"审核 {order.tag}", cast.xiaoli)
    later(desk, seconds=5)
    say(desk, f"认领 {other.tag}", cast.chenjie)

    say(desk, "撤销", cast.xiaoli)

    session.expire_all()
    assert order.stage == "pending_review"
