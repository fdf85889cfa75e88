"""Two people at once, on a database that really commits: one wins, the other sees who."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from handlers import commands, pressing, trail
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import absences
from handlers.duty.view import HandoverView
from handlers.views import CaseView, OrderView, TextView, View
from models import Absence, Case, Handover, Order, Role, StaffRole, TrailRow
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_order, pressed, typed
from tests.handlers.test_concurrency import Two, cast, two

__all__ = ["cast", "two"]


def line(text: str, actor: Actor) -> Callable[[Desk], View]:
    """A typed line; what is refused is its answer, as in the chat."""

    def work(desk: Desk) -> View:
        try:
            with desk.session.begin_nested():
                return commands.run(desk, typed(text), actor)
        except Refusal as refusal:
            return TextView(str(refusal))

    return work


def note(view: View | int | None) -> str:
    if isinstance(view, CaseView | OrderView | HandoverView):
        return view.note
    assert isinstance(view, TextView)
    return view.text


@pytest.mark.parametrize("_again", range(3))
def test_two_typed_claims_have_one_owner(two: Two, sessions: sessionmaker[Session], cast: Cast, _again: int) -> None:
    with sessions() as session:
        case_id = make_case(session, make_order(session)).id
        session.commit()
    words = f"认领 {short_code(case_id)} 30"

    views = two.at_once(line(words, cast.xiaoli), line(words, cast.chenjie))

    with sessions() as session:
        owner = session.get_one(Case, case_id).owner_id
    name = "小李" if owner == cast.xiaoli.staff_id else "陈姐"
    assert sorted(map(note, views)) == sorted([f"{name}已认领，30 分钟内处理", f"已由{name}认领"])


def test_two_claims_of_an_order_have_one_owner(two: Two, sessions: sessionmaker[Session], cast: Cast) -> None:
    with sessions() as session:
        order = make_order(session)
        make_case(session, order)
        session.commit()
    words = f"认领 {order.tag}"

    views = two.at_once(line(words, cast.xiaoli), line(words, cast.chenjie))

    with sessions() as session:
        stored = session.get_one(Order, order.id)
        name = "小李" if stored.owner_id == cast.xiaoli.staff_id else "陈姐"
        assert session.scalars(select(Case.owner_id)).one() == stored.owner_id
        assert trail.verify(session, trail.order_subject(stored.shop_id, stored.external_id))
    notes = sorted(map(note, views), key=len)
    assert notes[0] == f"{name}已认领，连同 1 件异常"
    assert re.match(f"{order.tag} 已由{name}负责", notes[1])


@pytest.mark.parametrize("_again", range(3))
def test_accepting_while_it_is_taken_back_is_one_or_the_other(
    two: Two, sessions: sessionmaker[Session], cast: Cast, _again: int
) -> None:
    with sessions() as session:
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        case_id = make_case(session, make_order(session), owner_id=cast.xiaoli.staff_id).id
        session.commit()
    two.once(line("交接 王五", cast.xiaoli))
    with sessions() as session:
        handover_id = session.scalars(select(Handover.id)).one()

    def press(action: str, actor: Actor) -> Callable[[Desk], View]:
        return lambda desk: pressing.press(desk, pressed(action, f"handover:{handover_id}"), actor)

    notes = [note(view) for view in two.at_once(press("take_over", wangwu), press("keep_over", cast.xiaoli))]

    with sessions() as session:
        state, owner = session.get_one(Handover, handover_id).state, session.get_one(Case, case_id).owner_id
    if state == "accepted":
        assert (owner, notes) == (wangwu.staff_id, ["王五已接收 1 件", "这次交接王五已接收"])
    else:
        assert (state, owner, notes) == ("withdrawn", cast.xiaoli.staff_id, ["这次交接已撤回", "小李已撤回"])


def test_two_hand_overs_of_one_person_are_one(two: Two, sessions: sessionmaker[Session], cast: Cast) -> None:
    with sessions() as session:
        hire(session, Member("王五", "wangwu", Role.SERVICE))
        make_case(session, make_order(session), owner_id=cast.xiaoli.staff_id)
        session.commit()

    two.at_once(line("交接 王五", cast.xiaoli), line("交接 小李 → 陈姐", cast.chenjie))

    with sessions() as session:
        assert session.scalar(select(func.count(Handover.id))) == 1


def test_an_absence_said_twice_at_once_stands_once(two: Two, sessions: sessionmaker[Session], cast: Cast) -> None:
    two.at_once(line("请假 明天", cast.xiaoli), line("请假 小李 明天", cast.chenjie))

    with sessions() as session:
        assert session.scalar(select(func.count(Absence.id))) == 1


def test_two_clocks_begin_an_absence_once(two: Two, sessions: sessionmaker[Session], cast: Cast) -> None:
    with sessions() as session:
        make_case(session, make_order(session), owner_id=cast.xiaoli.staff_id)
        session.add(
            Absence(staff_id=cast.xiaoli.staff_id, starts_at=two._now, ends_at=two._now.replace(day=24),
                    asked_at=two._now, due_at=two._now)
        )  # fmt: skip
        session.commit()

    two.at_once(absences.look, absences.look)

    with sessions() as session:
        assert session.scalars(select(TrailRow.action)).all().count("请假转出") == 1


def test_two_supervisors_cannot_both_step_down(two: Two, sessions: sessionmaker[Session], cast: Cast) -> None:
    with sessions() as session:
        boss = hire(session, Member("老板", "laoban", Role.SUPERVISOR))
        session.commit()

    two.at_once(line("角色 陈姐 客服", cast.chenjie), line("角色 老板 客服", boss))

    with sessions() as session:
        held = session.scalars(select(StaffRole.staff_id).where(StaffRole.role == "supervisor")).all()
        assert len(held) == 1
