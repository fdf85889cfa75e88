"""A refund, or another address, while the packed parcel waits for the courier: the lead alone, two minutes, then the
supervisor; over by itself when its cause is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, stages, trail, watch
from handlers.desk import Desk, Refusal
from models import Case, Notification, Order, Role, TrailRow
from models.case import short_code
from models.stages import Verb
from tests.cast import Cast, Member, hire
from tests.factories import make_customer, make_order, typed
from tests.handlers.duty.rota import is_away, works


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


def answer(desk: Desk, cast: Cast, words: str) -> None:
    commands.run(desk, typed(f"{short_code(the(desk.session).id)} {words}"), cast.laowang)
    desk.session.expire_all()


def refund(desk: Desk, order: Order, how: str) -> None:
    order.refund = how
    desk.session.flush()
    watch.watch(desk, [order.id])
    desk.session.expire_all()


def results(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(Notification).where(Notification.dedupe_key.like("%:result%")))
    return [(one.recipient, one.body["text"]) for one in rows]


def races(session: Session) -> int:
    return len(session.scalars(select(Case).where(Case.kind == "intercept")).all())


def test_what_got_away_before_a_refund_is_recorded_and_run_after(desk: Desk, session: Session, cast: Cast) -> None:
    order = refunded(desk)
    answer(desk, cast, "没拦住")

    assert (the(session, "refund_preship").state, the(session, "refund_preship").solution) == (
        "solved", "没拦住，包裹已经出去"
    )  # fmt: skip
    assert order.lock_reason == ""
    commands.run(desk, typed(f"发货 {order.tag} 顺丰 SF1234567890123"), cast.laowang)
    session.expire_all()
    assert (order.stage, order.waybill) == ("done", "SF1234567890123")
    assert order.recheck_at == desk.now, "the refund is looked at while the parcel is on its way"
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_what_got_away_to_the_old_address_is_not_said_to_go_to_the_new_one(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_customer(session)
    order = make_order(session, receiver_key="one")
    watch.watch(desk, [order.id])
    for verb in (Verb.APPROVE, Verb.PICK):
        stages.move(desk, f"order:{order.id}", verb, cast.chenjie)
    session.expire_all()
    order.receiver_key = "another"
    session.flush()
    watch.watch(desk, [order.id])
    session.expire_all()
    assert the(session).evidence["cause"] == "address_changed"

    answer(desk, cast, "没拦住")

    assert [one for one, _ in results(session)] == [str(cast.xiaoli.staff_id)], "service hears, whose matter it is now"
    assert "包裹是按原来的地址发的" in results(session)[0][1]
    assert the(session, "address_changed").state == "solved"
    commands.run(desk, typed(f"发货 {order.tag} 顺丰 SF1234567890123"), cast.laowang)
    told = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
    assert [one.body["template"] for one in told] == ["shipped"], "and nobody says 地址已更新"


def test_what_got_away_is_recorded_though_the_money_is_back_meanwhile(desk: Desk, session: Session, cast: Cast) -> None:
    order = refunded(desk)
    answer(desk, cast, "没拦住")
    refund(desk, order, "refunded")
    assert races(session) == 1, "it is gone: nobody can stop it"
    commands.run(desk, typed(f"发货 {order.tag} 顺丰 SF1234567890123"), cast.laowang)
    session.expire_all()
    assert order.stage == "done"


def test_what_was_not_said_to_have_got_away_is_refused_as_ever(desk: Desk, session: Session, cast: Cast) -> None:
    order = refunded(desk)
    answer(desk, cast, "拦住")
    with pytest.raises(Refusal, match="先处理退款"):
        commands.run(desk, typed(f"发货 {order.tag} 顺丰 SF1234567890123"), cast.laowang)


def test_what_was_stopped_is_not_to_be_stopped_again_when_the_money_goes_back(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = refunded(desk)
    answer(desk, cast, "拦住")
    desk.now += timedelta(minutes=5)
    refund(desk, order, "refunded")
    assert races(session) == 1


def test_once_the_refund_was_called_off_another_one_is_another_race(desk: Desk, session: Session, cast: Cast) -> None:
    order = refunded(desk)
    answer(desk, cast, "拦住")
    for how in ("", "asked"):
        desk.now += timedelta(minutes=5)
        refund(desk, order, how)
    assert (races(session), the(session).state) == (2, "open")


def test_a_claim_is_no_answer_and_the_supervisor_hears_all_the_same(
    desk: Desk, session: Session, cast: Cast, lead: str
) -> None:
    refunded(desk)
    commands.run(desk, typed(f"{short_code(the(session).id)} 认领"), cast.laowang)
    until = the(session).claimed_until
    desk.now += timedelta(minutes=2)
    due.look(desk)

    assert told(session)[-1] == ("staff", str(cast.chenjie.staff_id))
    case = the(session)
    assert (case.state, case.owner_id, case.claimed_until, case.due_at) == (
        "claimed", cast.laowang.staff_id, until, until
    )  # fmt: skip
    desk.now += timedelta(minutes=1)
    due.look(desk)
    assert len([one for one in told(session) if one[1] == str(cast.chenjie.staff_id)]) == 1


class TestWhileNoSupervisorIsThere:
    """The race goes to somebody of the warehouse, never to one whose answer would be refused."""

    def test_after_two_minutes_the_whole_role_hears_and_a_colleague_of_the_lead_has_it(
        self, desk: Desk, session: Session, cast: Cast, lead: str
    ) -> None:
        is_away(session, cast.chenjie, "12-22 09:00", "12-22 18:00", state="begun")
        order = refunded(desk)
        assert told(session) == [("staff", lead)]
        desk.now += timedelta(minutes=2)
        due.look(desk)

        assert the(session).owner_id == cast.laowang.staff_id
        heard = [one for _, one in told(session)[1:]]
        assert str(cast.laowang.staff_id) in heard
        assert str(cast.xiaoli.staff_id) not in heard, "service cannot answer it"
        said = session.scalars(select(TrailRow.detail).where(TrailRow.action == "升级提醒")).all()
        assert '{"拦截":"通知主管、岗位，归老王"}' in said
        answer(desk, cast, "拦住")
        assert the(session).solution == "拦住了"
        assert trail.verify(session, f"order:1:{order.external_id}")

    def test_who_is_alone_in_the_warehouse_is_asked_once_more(self, desk: Desk, session: Session, cast: Cast) -> None:
        is_away(session, cast.chenjie, "12-22 09:00", "12-22 18:00", state="begun")
        refunded(desk)
        desk.now += timedelta(minutes=2)
        due.look(desk)
        assert the(session).owner_id == cast.laowang.staff_id
        assert [one for _, one in told(session)].count(str(cast.laowang.staff_id)) == 2

    def test_the_leads_claim_stands_and_the_role_hears_all_the_same(
        self, desk: Desk, session: Session, cast: Cast, lead: str
    ) -> None:
        is_away(session, cast.chenjie, "12-22 09:00", "12-22 18:00", state="begun")
        refunded(desk)
        case = the(session)
        case.state, case.owner_id = "claimed", int(lead)
        case.claimed_until = desk.now + timedelta(minutes=15)
        session.flush()
        desk.now += timedelta(minutes=2)
        due.look(desk)
        assert (the(session).state, the(session).owner_id) == ("claimed", int(lead))
        assert str(cast.laowang.staff_id) in [one for _, one in told(session)]

    def test_one_who_has_no_shift_now_does_not_have_it_before_the_warehouse_at_work(
        self, desk: Desk, session: Session, cast: Cast, lead: str
    ) -> None:
        works(session, cast.chenjie, 20, 24)
        refunded(desk)
        desk.now += timedelta(minutes=2)
        due.look(desk)
        assert the(session).owner_id == cast.laowang.staff_id

    def test_of_two_supervisors_their_lead_has_it(self, desk: Desk, session: Session, cast: Cast, lead: str) -> None:
        second = hire(session, Member("孙总", "sunzong", Role.SUPERVISOR))
        commands.run(desk, typed("组长 主管 孙总"), cast.chenjie)
        refunded(desk)
        desk.now += timedelta(minutes=2)
        due.look(desk)
        assert the(session).owner_id == second.staff_id
        assert [one for _, one in told(session)].count(lead) == 1, "the role is left in peace"

    def test_where_the_warehouse_is_away_too_it_is_looked_at_again_until_somebody_can_answer(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        is_away(session, cast.chenjie, "12-22 09:00", "12-22 18:00", state="begun")
        is_away(session, cast.laowang, "12-22 09:00", "12-22 11:00", state="begun")
        refunded(desk)
        desk.now += timedelta(minutes=2)
        due.look(desk)
        assert the(session).due_at == desk.now + timedelta(minutes=30)
        for _ in range(3):
            desk.now += timedelta(minutes=30)
            due.look(desk)
        assert the(session).owner_id == cast.laowang.staff_id
        assert told(session)[-1] == ("staff", str(cast.laowang.staff_id))
        assert the(session).due_at is None
