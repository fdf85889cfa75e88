"""重开 of an answer that was a slip: the race runs again, and so does what it is run for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, trail, watch
from handlers.desk import Desk, Refusal
from models import Notification
from tests.cast import Cast
from tests.factories import make_order, typed
from tests.handlers.holding.test_race import answer, lead, refund, refunded, results, the, told

__all__ = ["lead"]


def test_a_mistaken_miss_can_be_answered_anew(desk: Desk, session: Session, cast: Cast) -> None:
    order = refunded(desk)
    before = (the(session, "refund_preship").owner_id, order.lock_reason)
    answer(desk, cast, "没拦住")
    desk.now += timedelta(seconds=8)
    answer(desk, cast, "重开")

    cause = the(session, "refund_preship")
    assert (the(session).state, the(session).owner_id) == ("claimed", cast.laowang.staff_id)
    assert (cause.state, cause.solution, cause.solved_by) == ("open", "", None)
    assert (cause.owner_id, order.lock_reason) == before
    assert cause.due_at is not None, "and nobody forgets it"
    notes = session.scalars(select(Notification).where(Notification.dedupe_key.like("%:off%"))).all()
    assert notes == [], "nobody is told to stop running"

    answer(desk, cast, "拦住")
    assert (the(session).solution, the(session, "refund_preship").state) == ("拦住了", "open")
    assert [words.split("（")[0] for _, words in results(session)] == [
        f"{order.tag} 没拦住", f"{order.tag} 拦住了"
    ], "whoever heard the slip hears what is true"  # fmt: skip
    with pytest.raises(Refusal, match="先处理退款"):
        commands.run(desk, typed(f"发货 {order.tag} 顺丰 SF1234567890123"), cast.laowang)
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_without_a_new_answer_the_supervisor_hears_after_two_minutes_more(
    desk: Desk, session: Session, cast: Cast, lead: str
) -> None:
    refunded(desk)
    answer(desk, cast, "没拦住")
    desk.now += timedelta(minutes=5)
    answer(desk, cast, "重开")
    desk.now += timedelta(seconds=119)
    due.look(desk)
    assert told(session) == [("staff", lead)]
    desk.now += timedelta(seconds=1)
    due.look(desk)
    assert told(session)[1:] == [("staff", str(cast.chenjie.staff_id))]
    assert (the(session).state, the(session).owner_id) == ("claimed", cast.laowang.staff_id)


def test_after_a_true_miss_the_parcel_is_recorded_once_that_is_said_again(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = refunded(desk)
    answer(desk, cast, "没拦住")
    answer(desk, cast, "重开")
    answer(desk, cast, "没拦住")
    assert (the(session).solution, the(session, "refund_preship").solution) == ("没拦住", "没拦住，包裹已经出去")
    commands.run(desk, typed(f"发货 {order.tag} 顺丰 SF1234567890123"), cast.laowang)
    session.expire_all()
    assert order.stage == "done"


def test_what_left_is_not_run_after_again_and_the_result_stands(desk: Desk, session: Session, cast: Cast) -> None:
    order = refunded(desk)
    answer(desk, cast, "没拦住")
    commands.run(desk, typed(f"发货 {order.tag} 顺丰 SF1234567890123"), cast.laowang)
    with pytest.raises(Refusal, match=f"{order.tag} 现在是已完成，仓库拦不住了"):
        answer(desk, cast, "重开")
    assert the(session).solution == "没拦住"


def test_one_by_hand_has_no_cause_and_runs_again_all_the_same(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_ship")
    watch.watch(desk, [order.id])
    commands.run(desk, typed(f"拦截 {order.tag} 客户电话要退"), cast.xiaoli)
    answer(desk, cast, "没拦住")
    answer(desk, cast, "重开")
    assert (the(session).state, order.lock_reason) == ("claimed", "拦截：客户电话要退")


def test_a_refund_that_was_called_off_meanwhile_is_over_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    order = refunded(desk)
    answer(desk, cast, "没拦住")
    refund(desk, order, "")
    answer(desk, cast, "重开")
    assert (the(session).state, the(session).solution) == ("solved", "买家取消了退款，不用拦了，照常发货")
    assert (the(session, "refund_preship").state, order.lock_reason) == ("solved", "")
