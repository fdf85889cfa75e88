"""A refund, or another address, while the packed parcel waits for the courier: the lead alone, two minutes, then the
supervisor; over by itself when its cause is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, trail, watch
from handlers.desk import Desk
from models import Case, Notification, Order, Role, TrailRow
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_order, typed


@pytest.fixture
def lead(desk: Desk, session: Session, cast: Cast) -> str:
    """Of two in the warehouse one leads."""
    found = hire(session, Member("老赵", "laozhao", Role.WAREHOUSE))
    commands.run(desk, typed("组长 仓库 老赵"), cast.chenjie)
    return str(found.staff_id)


def refunded(desk: Desk, stage: str = "pending_ship") -> Order:
    order = make_order(desk.session, stage=stage)
    watch.watch(desk, [order.id])
    order.refund = "asked"
    desk.session.flush()
    watch.watch(desk, [order.id])
    desk.session.expire_all()
    return order


def the(session: Session, kind: str = "intercept") -> Case:
    return session.scalars(
        select(Case).where(Case.kind == kind).order_by(Case.id.desc()).execution_options(populate_existing=True)
    ).first()  # type: ignore[return-value]


def told(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(
        select(Notification)
        .where(Notification.purpose == "card", Notification.subject == f"case:{the(session).id}")
        .order_by(Notification.id)
    )
    return [(row.channel, row.recipient) for row in rows]


def test_the_lead_alone_is_told_at_once_then_after_two_minutes_the_supervisor(
    desk: Desk, session: Session, cast: Cast, lead: str
) -> None:
    order = refunded(desk)

    assert told(session) == [("staff", lead)]
    assert "拦截：买家申请退款" in order.lock_reason
    desk.now += timedelta(seconds=119)
    due.look(desk)
    assert told(session) == [("staff", lead)]
    desk.now += timedelta(seconds=1)
    due.look(desk)

    assert told(session)[1:] == [("staff", str(cast.chenjie.staff_id))]
    assert the(session).owner_id == cast.chenjie.staff_id
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_before_it_is_packed_there_is_no_race(desk: Desk, session: Session, cast: Cast) -> None:
    refunded(desk, "pending_pick")
    assert the(session) is None
    assert the(session, "refund_preship") is not None


def test_stopped_it_stays_locked_by_the_refund_and_goes_when_that_is_called_off(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = refunded(desk)
    desk.now += timedelta(seconds=80)

    commands.run(desk, typed(f"{short_code(the(session).id)} 拦住"), cast.laowang)
    watch.watch(desk, [order.id])
    session.expire_all()

    assert (the(session).state, the(session).solution) == ("solved", "拦住了")
    assert order.lock_reason == "发货前退款：买家发货前申请退款，先别发"
    said = session.scalars(select(TrailRow).where(TrailRow.action == "处理完成")).one()
    assert (said.actor, said.at) == ("老王", desk.now)
    notes = session.scalars(select(Notification).where(Notification.dedupe_key.like("%:result%"))).all()
    assert [(one.recipient, "拦住了（老王）" in one.body["text"]) for one in notes] == [
        (str(cast.xiaoli.staff_id), True)
    ]
    assert len(session.scalars(select(Case).where(Case.kind == "intercept")).all()) == 1, "answered is answered"

    order.refund = ""
    session.flush()
    watch.watch(desk, [order.id])
    session.expire_all()
    assert order.lock_reason == ""


def test_missed_is_said_with_what_can_still_be_done(desk: Desk, session: Session, cast: Cast) -> None:
    order = refunded(desk)
    commands.run(desk, typed(f"{short_code(the(session).id)} 没拦住"), cast.laowang)
    session.expire_all()
    assert the(session).solution == "没拦住"
    note = session.scalars(select(Notification).where(Notification.dedupe_key.like("%:result%"))).one()
    assert f"{order.tag} 没拦住（老王）" in note.body["text"]


def test_a_refund_that_is_called_off_releases_the_stop_and_whoever_runs_hears(
    desk: Desk, session: Session, cast: Cast, lead: str
) -> None:
    order = refunded(desk)
    order.refund = ""
    session.flush()
    watch.watch(desk, [order.id])
    session.expire_all()

    assert (the(session).state, the(session).solution) == ("solved", "买家取消了退款，不用拦了，照常发货")
    assert order.lock_reason == ""
    note = session.scalars(select(Notification).where(Notification.dedupe_key.like("%:off%"))).one()
    assert (note.recipient, "照常发货" in note.body["text"]) == (lead, True)

    order.refund = "asked"  # and asked once more: another race
    session.flush()
    watch.watch(desk, [order.id])
    assert the(session).state == "open"
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_one_by_hand_is_not_doubled(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_ship")
    watch.watch(desk, [order.id])
    commands.run(desk, typed(f"拦截 {order.tag} 客户电话要退"), cast.xiaoli)
    order.refund = "asked"
    session.flush()
    watch.watch(desk, [order.id])
    assert len(session.scalars(select(Case).where(Case.kind == "intercept")).all()) == 1
