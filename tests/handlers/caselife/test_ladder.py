"""A case goes up step by step: what comes back to the pool may be claimed there, and what nobody claims is somebody
else's in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, commands, due, people, watch
from handlers.desk import Actor, Desk
from models import Case, Notification, Role
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_order, make_shop, typed


@pytest.fixture
def case(desk: Desk, session: Session, cast: Cast) -> Case:
    """Of an order with all the time in the world; 15 minutes to claim it and 120 to solve it."""
    order = make_order(session, district="", ship_by_at=None)
    watch.watch(desk, [order.id])
    return session.scalars(select(Case).where(Case.kind == "address_vague")).one()


def at(desk: Desk, case: Case, minutes: int) -> tuple[str, int | None]:
    """The clock looks every minute from the opening on; how it stands at that one."""
    while (desk.now - case.opened_at) < timedelta(minutes=minutes):
        desk.now += timedelta(minutes=1)
        due.look(desk)
    desk.session.expire_all()
    return case.state, case.owner_id


def cards_to(session: Session, case: Case, who: Actor) -> list[str]:
    found = select(Notification.dedupe_key).where(
        Notification.subject == f"case:{case.id}", Notification.recipient == str(who.staff_id),
        Notification.purpose == "card",
    )  # fmt: skip
    return list(session.scalars(found.order_by(Notification.id)))


class TestBackInThePool:
    def test_it_lies_there_as_long_as_it_may_take_to_claim_it(
        self, desk: Desk, session: Session, cast: Cast, case: Case
    ) -> None:
        cases.claim(desk, case.id, cast.xiaoli)

        assert at(desk, case, 135) == ("open", None)
        assert case.due_at == desk.now + timedelta(minutes=15)
        assert at(desk, case, 149) == ("open", None)
        assert cards_to(session, case, cast.chenjie) == []
        assert at(desk, case, 150) == ("open", cast.chenjie.staff_id)
        assert cards_to(session, case, cast.chenjie) != []

    def test_who_claims_it_there_has_it(self, desk: Desk, session: Session, cast: Cast, case: Case) -> None:
        cases.claim(desk, case.id, cast.xiaoli)
        at(desk, case, 140)
        cases.claim(desk, case.id, cast.xiaoli)
        assert at(desk, case, 160) == ("claimed", cast.xiaoli.staff_id)

    def test_its_own_copy_says_how_long_and_not_what_was_set_since(
        self, desk: Desk, session: Session, cast: Cast, case: Case
    ) -> None:
        commands.run(desk, typed("阈值 地址模糊 认领 40"), cast.chenjie)
        cases.claim(desk, case.id, cast.xiaoli)
        at(desk, case, 135)
        assert case.due_at == desk.now + timedelta(minutes=15)

    def test_the_step_that_was_planned_later_comes_as_planned(self, desk: Desk, cast: Cast, case: Case) -> None:
        cases.claim(desk, case.id, cast.xiaoli, 15)
        assert at(desk, case, 30) == ("open", None)
        assert case.due_at == case.opened_at + timedelta(minutes=135)

    def test_after_the_last_step_it_may_be_claimed_too_before_somebody_is_given_it(
        self, desk: Desk, session: Session, cast: Cast, case: Case
    ) -> None:
        at(desk, case, 16)
        cases.claim(desk, case.id, cast.xiaoli, 130)
        case.step = 3
        session.flush()
        at(desk, case, 161)
        assert (case.state, case.owner_id) == ("open", None)
        at(desk, case, 176)
        assert (case.state, case.owner_id) == ("open", cast.chenjie.staff_id)


class TestGivenAndNeverClaimed:
    def test_at_the_end_of_its_ladder_it_is_the_leads(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_shop(session)
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        commands.run(desk, typed("组长 客服 王五"), cast.chenjie)
        case = self._given(desk, session, cast)

        assert at(desk, case, 134) == ("open", cast.xiaoli.staff_id)
        assert at(desk, case, 135) == ("open", wangwu.staff_id)
        assert cards_to(session, case, wangwu)[-1].startswith(f"case:{case.id}:step")

    def test_a_lead_who_let_it_pass_has_it_no_more(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_shop(session)
        commands.run(desk, typed("组长 客服 小李"), cast.chenjie)
        case = self._given(desk, session, cast)
        assert at(desk, case, 135) == ("open", cast.chenjie.staff_id)

    def test_a_matter_that_was_handed_on_goes_up_too(
        self, desk: Desk, session: Session, cast: Cast, case: Case
    ) -> None:
        at(desk, case, 136)
        to = next(one for one in people.staff(desk) if one.id == cast.xiaoli.staff_id)
        cases.transfer(desk, case.id, cast.chenjie, to)
        assert at(desk, case, 150) == ("open", cast.xiaoli.staff_id)
        assert at(desk, case, 151) == ("open", cast.chenjie.staff_id)
        assert at(desk, case, 400) == ("open", cast.chenjie.staff_id), "there is nobody above"

    def test_a_lock_stays_with_who_locked(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_shop(session)
        order = make_order(session, ship_by_at=None)
        commands.run(desk, typed(f"锁定 {order.tag} 等客户"), cast.xiaoli)
        lock = session.scalars(select(Case).where(Case.kind == "person_lock")).one()
        lock.step, lock.due_at = 2, desk.now
        session.flush()
        due.look(desk)
        session.expire_all()
        assert lock.owner_id == cast.xiaoli.staff_id

    def _given(self, desk: Desk, session: Session, cast: Cast) -> Case:
        order = make_order(session, district="", ship_by_at=None, owner_id=cast.xiaoli.staff_id)
        watch.watch(desk, [order.id])
        case = session.scalars(select(Case).where(Case.kind == "address_vague")).one()
        assert case.owner_id == cast.xiaoli.staff_id
        return case


def test_the_time_to_claim_that_somebody_set_holds_for_what_comes_back(
    desk: Desk, session: Session, cast: Cast
) -> None:
    """请假 puts it back, 销假 gives it back: both leave as long to claim it as was set."""
    make_shop(session)
    commands.run(desk, typed("阈值 地址模糊 认领 40"), cast.chenjie)
    case = make_case(
        session, make_order(session, recheck_at=None), state="claimed", owner_id=cast.xiaoli.staff_id,
        claimed_until=desk.now + timedelta(minutes=5), due_at=desk.now + timedelta(minutes=5),
    )  # fmt: skip
    commands.run(desk, typed("请假 明天 到 后天"), cast.xiaoli)
    later = replace(desk, now=desk.now + timedelta(days=1))
    due.look(later)
    session.expire_all()
    assert (case.owner_id, case.due_at) == (None, later.now + timedelta(minutes=40))
    commands.run(later, typed("销假"), cast.xiaoli)
    session.expire_all()
    assert (case.owner_id, case.due_at) == (cast.xiaoli.staff_id, later.now + timedelta(minutes=40))
    assert short_code(case.id)
