from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import stages, trail, waybill
from handlers.desk import Actor, Desk, Job, Late, Refusal
from models import Notification, Order, Stock, TrailRow, WriteBack
from models.stages import Verb
from tests.cast import Cast
from tests.factories import make_case, make_customer, make_line, make_order, make_stock


def again(session: Session, order: Order) -> Order:
    return session.scalars(select(Order).where(Order.id == order.id).execution_options(populate_existing=True)).one()


def move(desk: Desk, order: Order, verb: Verb, actor: Actor, **more: Any) -> stages.Moved:
    return stages.move(desk, f"order:{order.id}", verb, actor, **more)


def test_a_step_moves_the_order_and_starts_the_next_clock(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    moved = move(desk, order, Verb.APPROVE, cast.xiaoli)

    order = again(session, order)
    assert (order.stage, order.revision, moved.revision) == ("pending_pick", 2, 2)
    assert order.stage_entered_at == desk.now
    assert order.recheck_at == desk.now + timedelta(minutes=120)


def test_a_step_leaves_a_whole_trail(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    move(desk, order, Verb.APPROVE, cast.xiaoli)
    move(desk, order, Verb.PICK, cast.laowang)

    rows = session.scalars(select(TrailRow).order_by(TrailRow.id)).all()
    assert [(row.actor, row.action, row.actor_id) for row in rows] == [
        ("小李", "审核", cast.xiaoli.staff_id),
        ("老王", "配货", cast.laowang.staff_id),
    ]
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_shipping_owes_the_marketplace_and_the_customer_and_counts_the_shelf_down(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, "QH-CUP-RED", 5)
    make_customer(session)
    order = make_order(session, stage="pending_ship", lines=[make_line(quantity=2)])

    move(desk, order, Verb.SHIP, cast.laowang, shipment=waybill.read("顺丰 SF1234567890123"))

    order = again(session, order)
    assert (order.stage, order.waybill, order.courier, order.recheck_at) == (
        "done",
        "SF1234567890123",
        "shunfeng",
        None,
    )
    assert order.shipped_at == desk.now
    owed = session.scalars(select(WriteBack)).one()
    assert owed.body == {"courier": "shunfeng", "waybill": "SF1234567890123"}
    told = session.scalars(select(Notification).where(Notification.channel == "customer")).one()
    assert told.recipient == "oCustomer1"
    assert told.body["template"] == "shipped"
    assert told.body["values"]["waybill"] == "SF1234567890123"
    assert told.body["values"]["courier"] == "顺丰速运"
    assert session.scalars(select(Stock.on_hand)).one() == 3
    assert (Job.WRITE_BACK, ()) in desk.later
    assert (Job.DELIVER, ()) in desk.later


def test_a_customer_who_refused_is_not_told(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session, state="refused")
    order = make_order(session, stage="pending_ship")

    move(desk, order, Verb.SHIP, cast.laowang, shipment=waybill.read("顺丰 SF1234567890123"))

    assert session.scalars(select(Notification).where(Notification.channel == "customer")).all() == []


def test_the_wrong_role_is_refused_and_told_who_may(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_ship")

    with pytest.raises(Refusal, match="发货由仓库操作，您是客服；可以请老王处理"):
        move(desk, order, Verb.SHIP, cast.xiaoli, shipment=waybill.read("顺丰 SF1234567890123"))

    assert again(session, order).stage == "pending_ship"


def test_a_locked_order_does_not_move_and_names_the_case_that_locks_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, lock_reason="地址模糊：缺区县")
    make_case(session, order)

    with pytest.raises(Refusal, match=r"已锁定，不能审核：地址模糊：缺区县（先处理 [2-9A-Z]{4}）"):
        move(desk, order, Verb.APPROVE, cast.xiaoli)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hold": "平台风控审核中"}, "平台暂不允许发货：平台风控审核中"),
        ({"refund": "asked"}, "先处理退款"),
        ({"refund": "refunded"}, "先处理退款"),
        ({"lock_reason": "旧的锁"}, "旧的锁"),
    ],
)
def test_what_the_platform_forbids_is_refused_even_to_the_supervisor(
    desk: Desk, session: Session, cast: Cast, changes: dict[str, Any], words: str
) -> None:
    order = make_order(session, **changes)

    with pytest.raises(Refusal, match=words):
        move(desk, order, Verb.APPROVE, cast.chenjie)


def test_nothing_ships_before_the_agreed_day_unless_the_supervisor_says_so(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, stage="pending_ship", not_before_at=desk.now + timedelta(days=3))
    shipment = waybill.read("顺丰 SF1234567890123")

    with pytest.raises(Refusal, match="约定 12-25 起发货"):
        move(desk, order, Verb.SHIP, cast.laowang, shipment=shipment)
    move(desk, order, Verb.SHIP, cast.chenjie, shipment=shipment)

    assert again(session, order).stage == "done"


def test_a_step_too_early_says_what_comes_first(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_pick")

    with pytest.raises(Late, match="还在待配货，要先配货才能发货"):
        move(desk, order, Verb.SHIP, cast.laowang, shipment=waybill.read("顺丰 SF1234567890123"))


def test_a_step_too_late_says_who_was_faster(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    move(desk, order, Verb.APPROVE, cast.xiaoli)

    with pytest.raises(Late, match="已由小李处理，现在是待配货"):
        move(desk, order, Verb.APPROVE, cast.chenjie)


def test_a_step_on_an_order_done_without_a_trail_and_on_a_cancelled_one(
    desk: Desk, session: Session, cast: Cast
) -> None:
    with pytest.raises(Late, match="已经已完成"):
        move(desk, make_order(session, stage="done"), Verb.APPROVE, cast.xiaoli)
    with pytest.raises(Late, match="已取消，不能审核"):
        move(desk, make_order(session, stage="cancelled"), Verb.APPROVE, cast.xiaoli)


def test_the_stale_case_of_the_stage_ends_by_itself_and_other_cards_are_brought_up_to_date(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session)
    stale = make_case(session, order, kind="stale_stage", blocks=False, evidence={"stage": "pending_review"})
    other = make_case(session, order, kind="writeback_fail", blocks=False)

    move(desk, order, Verb.APPROVE, cast.xiaoli)

    session.expire_all()
    assert (stale.state, stale.solved_by, stale.solution, stale.revision) == (
        "solved", cast.xiaoli.staff_id, "已审核", 2,
    )  # fmt: skip
    assert (other.state, other.revision) == ("open", 2)
    edits = set(session.scalars(select(Notification.subject).where(Notification.purpose == "edit")))
    assert edits == {f"case:{stale.id}", f"case:{other.id}", f"order:{order.id}"}


def test_an_order_that_is_gone_is_a_refusal(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="没有找到"):
        stages.move(desk, "order:999999", Verb.APPROVE, cast.xiaoli)
    with pytest.raises(Refusal, match="失效"):
        stages.move(desk, "parcel:1", Verb.APPROVE, cast.xiaoli)


class TestSendBack:
    def test_the_person_who_made_the_step_takes_it_back(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        entered_at = order.stage_entered_at
        moved = move(desk, order, Verb.APPROVE, cast.xiaoli)

        stages.send_back(desk, f"order:{order.id}", cast.xiaoli, moved.revision)

        order = again(session, order)
        assert (order.stage, order.stage_entered_at) == ("pending_review", entered_at), "it does not get younger"

    @pytest.mark.parametrize("tell", [["supervisor"], []])
    def test_what_it_had_ended_is_not_left_to_nobody(
        self, desk: Desk, session: Session, cast: Cast, tell: list[str]
    ) -> None:
        order = make_order(session)
        case = make_case(session, order, kind="stale_stage", blocks=False, steps=[{"after": 0, "tell": tell}])
        moved = move(desk, order, Verb.APPROVE, cast.xiaoli)

        stages.send_back(desk, f"order:{order.id}", cast.xiaoli, moved.revision)

        session.expire_all()
        assert (case.state, case.due_at) == ("open", desk.now if tell else None), "one that is told with others is not"

    def test_not_after_a_minute(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        moved = move(desk, order, Verb.APPROVE, cast.xiaoli)

        with pytest.raises(Refusal, match="超过 60 秒"):
            stages.send_back(
                replace(desk, now=desk.now + timedelta(seconds=61)), f"order:{order.id}", cast.xiaoli, moved.revision
            )

    def test_not_by_somebody_else_but_by_the_supervisor(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        moved = move(desk, order, Verb.APPROVE, cast.xiaoli)

        with pytest.raises(Refusal, match="只有小李本人或主管"):
            stages.send_back(desk, f"order:{order.id}", cast.laowang, moved.revision)
        stages.send_back(desk, f"order:{order.id}", cast.chenjie, moved.revision)

        assert again(session, order).stage == "pending_review"

    def test_not_when_something_happened_since(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        moved = move(desk, order, Verb.APPROVE, cast.xiaoli)
        move(desk, order, Verb.PICK, cast.laowang)

        with pytest.raises(Late, match="之后又有变化"):
            stages.send_back(desk, f"order:{order.id}", cast.xiaoli, moved.revision)

    def test_not_twice(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, stage="pending_pick")
        moved = move(desk, order, Verb.PICK, cast.laowang)
        back = stages.send_back(desk, f"order:{order.id}", cast.laowang, moved.revision)

        with pytest.raises(Refusal, match="60 秒"):
            stages.send_back(desk, f"order:{order.id}", cast.laowang, back.revision)


def test_a_row_changed_behind_the_lock_loses(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    row = stages.lock(desk, f"order:{order.id}")
    session.execute(text("UPDATE orders SET revision = 9"))

    with pytest.raises(Late, match="刚被别人改动"):
        stages._move(desk, row, Verb.APPROVE, cast.xiaoli, detail={}, entered_at=desk.now)
