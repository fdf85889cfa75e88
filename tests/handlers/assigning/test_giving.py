"""派单 自动: a new matter goes to one person at once, and the card says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, opening, show, trail, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.matter import Opening
from handlers.views import CaseView, TextView, View
from models import Case, Notification, TrailRow
from models.case_life import Life, life_of
from models.people import Role
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_order, make_shop, typed
from tests.handlers.duty.rota import is_away, works


def say(desk: Desk, words: str, actor: Actor) -> View:
    return commands.run(desk, typed(words), actor)


@pytest.fixture
def auto(desk: Desk, cast: Cast) -> Desk:
    make_shop(desk.session)
    say(desk, "派单 自动", cast.chenjie)
    return desk


@pytest.fixture
def wangwu(session: Session, cast: Cast) -> Actor:
    return hire(session, Member("王五", "wangwu", Role.SERVICE))


def opened(desk: Desk, **changes: Any) -> Case:
    order = make_order(desk.session, **{"district": "", **changes})
    watch.watch(desk, [order.id])
    desk.session.expire_all()
    return desk.session.scalars(select(Case).where(Case.order_id == order.id)).one()


def card(desk: Desk, case: Case) -> CaseView:
    view = show.show(desk, f"case:{case.id}", None)
    assert isinstance(view, CaseView)
    return view


def told(session: Session, case: Case) -> set[str]:
    rows = session.scalars(
        select(Notification).where(Notification.purpose == "card", Notification.subject == f"case:{case.id}")
    )
    return {row.recipient for row in rows}


def test_as_long_as_nobody_says_otherwise_it_waits_to_be_claimed(desk: Desk, session: Session, cast: Cast) -> None:
    assert "抢单" in say(desk, "派单", cast.xiaoli).text  # type: ignore[union-attr]
    case = opened(desk)
    assert (case.owner_id, life_of(case)) == (None, Life.OPENED)


def test_it_goes_to_who_has_least_and_the_card_says_why(
    auto: Desk, session: Session, cast: Cast, wangwu: Actor
) -> None:
    for _ in range(3):
        make_case(session, make_order(session, recheck_at=None), owner_id=cast.xiaoli.staff_id, state="claimed")

    case = opened(auto)

    assert (case.owner_id, life_of(case)) == (wangwu.staff_id, Life.ASSIGNED)
    assert card(auto, case).lines == ("派给王五：在班、手上 0 件",)
    assert told(session, case) == {"", str(wangwu.staff_id)}
    assert '{"地址模糊":"派给王五：在班、手上 0 件"}' in session.scalars(select(TrailRow.detail)).all()


def test_who_is_good_at_it_goes_first(auto: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    assert say(auto, "擅长 小李 京东 地址模糊", cast.chenjie) == TextView("小李擅长：京东、地址模糊")
    make_case(session, make_order(session, recheck_at=None), owner_id=cast.xiaoli.staff_id, state="claimed")

    case = opened(auto)

    assert case.owner_id == cast.xiaoli.staff_id
    assert card(auto, case).lines == ("派给小李：在班、手上 1 件、擅长地址模糊",)


def test_never_to_the_absent_nor_to_who_is_off_shift(auto: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    is_away(session, cast.xiaoli, "12-22 09:00", "12-22 18:00", state="begun")
    works(session, wangwu, 13, 18)

    case = opened(auto)

    assert case.owner_id is None
    assert card(auto, case).lines == ("现在没有人在班，先放在客服待认领",)


def test_nobody_is_given_more_than_the_cap_and_then_the_lead_looks_after_it(
    auto: Desk, session: Session, cast: Cast
) -> None:
    say(auto, "阈值 上限 2", cast.chenjie)
    say(auto, "组长 客服 陈姐", cast.chenjie)

    first, second, third = opened(auto), opened(auto), opened(auto)

    assert [one.owner_id for one in (first, second, third)] == [cast.xiaoli.staff_id, cast.xiaoli.staff_id, None]
    assert card(auto, third).lines == ("在班的都满了（每人最多 2 件），先放在客服待认领，组长陈姐照看",)
    assert str(cast.chenjie.staff_id) in told(session, third)


def test_whose_order_it_is_comes_first_and_the_card_says_so(
    auto: Desk, session: Session, cast: Cast, wangwu: Actor
) -> None:
    make_case(session, make_order(session, recheck_at=None), owner_id=cast.xiaoli.staff_id, state="claimed")

    case = opened(auto, owner_id=cast.xiaoli.staff_id)

    assert case.owner_id == cast.xiaoli.staff_id
    assert card(auto, case).lines == ("派给小李：这一单由小李跟进、在班、手上 1 件",)


def test_whose_order_it_is_gets_no_more_than_the_cap(auto: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    say(auto, "阈值 上限 2", cast.chenjie)
    for _ in range(2):
        make_case(session, make_order(session, recheck_at=None), owner_id=cast.xiaoli.staff_id, state="claimed")

    case = opened(auto, owner_id=cast.xiaoli.staff_id)

    assert case.owner_id == wangwu.staff_id
    assert card(auto, case).lines == ("派给王五：在班、手上 0 件",)


def test_whose_order_it_is_gets_nothing_off_shift(auto: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    works(session, cast.xiaoli, 13, 18)
    assert opened(auto, owner_id=cast.xiaoli.staff_id).owner_id == wangwu.staff_id


def test_as_long_as_nobody_says_otherwise_it_lies_with_whose_order_it_is(
    desk: Desk, session: Session, cast: Cast
) -> None:
    assert opened(desk, owner_id=cast.xiaoli.staff_id).owner_id == cast.xiaoli.staff_id


def test_once_it_lies_elsewhere_the_reason_is_gone(auto: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    case = opened(auto)
    other = wangwu if case.owner_id == cast.xiaoli.staff_id else cast.xiaoli
    commands.run(auto, typed(f"{card(auto, case).code} 转 {other.name}"), cast.chenjie)
    session.expire_all()
    assert card(auto, case).lines == ()


def test_the_switch_is_a_supervisors_and_can_be_taken_back(desk: Desk, session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal, match="由主管操作"):
        say(desk, "派单 自动", cast.xiaoli)
    with pytest.raises(Refusal, match="由主管操作"):
        say(desk, "擅长 小李 京东", cast.xiaoli)
    say(desk, "派单 自动", cast.chenjie)
    with pytest.raises(Refusal, match="派单现在就是自动"):
        say(desk, "派单 自动", cast.chenjie)
    assert "派单 自动 → 抢单" in say(desk, "阈值 撤销", cast.chenjie).text  # type: ignore[union-attr]


def test_a_skill_that_nobody_knows_is_asked_about(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="「唱歌」不是平台、店铺或异常类型"):
        say(desk, "擅长 小李 唱歌", cast.chenjie)
    say(desk, "擅长 小李 退款", cast.chenjie)
    assert "发货前退款" in say(desk, "擅长 小李", cast.xiaoli).text  # type: ignore[union-attr]
    say(desk, "擅长 小李 全部", cast.chenjie)
    assert "小李：全部" in say(desk, "擅长", cast.xiaoli).text  # type: ignore[union-attr]


class TestTheLastStep:
    def test_unclaimed_it_becomes_the_leads(self, desk: Desk, session: Session, cast: Cast) -> None:
        lead = hire(session, Member("王五", "wangwu", Role.SERVICE))
        say(desk, "组长 客服 王五", cast.chenjie)
        case = opened(desk)
        for _ in range(6):
            desk.now += timedelta(hours=1)
            due.look(desk)
        session.expire_all()

        assert (case.owner_id, life_of(case)) == (lead.staff_id, Life.ASSIGNED)
        assert "没有人认领，归王五" in card(desk, case).lines
        assert {str(lead.staff_id), str(cast.chenjie.staff_id)} <= told(session, case)
        assert trail.verify(session, session.scalars(select(TrailRow.subject)).first() or "")

    def test_a_lead_who_is_absent_is_passed_over(self, desk: Desk, session: Session, cast: Cast) -> None:
        lead = hire(session, Member("王五", "wangwu", Role.SERVICE))
        say(desk, "组长 客服 王五", cast.chenjie)
        is_away(session, lead, "12-22 09:00", "12-24 18:00", state="begun")
        case = opened(desk)
        for _ in range(6):
            desk.now += timedelta(hours=1)
            due.look(desk)
        session.expire_all()
        assert case.owner_id == cast.chenjie.staff_id

    def test_a_matter_of_supervisors_alone_is_somebodys_after_its_time_to_claim(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        made = opening.open_many(desk, [Opening("shop_stopped", "停了", Role.SUPERVISOR, group_key="shop:9")])
        desk.now += timedelta(minutes=10)
        due.look(desk)
        case = session.get_one(Case, made[0].id, populate_existing=True)
        assert case.owner_id == cast.chenjie.staff_id
