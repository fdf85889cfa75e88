"""指派 without a number: a supervisor hands out what nobody has taken, one after the other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, commands, pressing
from handlers.desk import Actor, Desk, Refusal
from handlers.dispatch.view import DispatchView
from models import Case, Notification, Role, TrailRow
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import NOW, make_case, make_order, pressed, typed


def ask(desk: Desk, by: Actor) -> DispatchView:
    view = commands.run(desk, typed("指派", is_group=False), by)
    assert isinstance(view, DispatchView)
    return view


def hand(desk: Desk, by: Actor, **chosen: object) -> DispatchView:
    view = pressing.press(
        desk, pressed("dispatch", "dispatch:0", revision=0, **{k: str(v) for k, v in chosen.items()}), by
    )
    desk.session.expire_all()
    assert isinstance(view, DispatchView)
    return view


@pytest.fixture
def matters(session: Session) -> list[Case]:
    """Three that nobody has, the oldest last."""
    order = make_order(session)
    kinds = ("address_vague", "stale_stage", "short_stock")
    return [
        make_case(session, order, kind=kind, opened_at=NOW - timedelta(hours=hours))
        for hours, kind in enumerate(kinds, 1)
    ]


def test_the_oldest_stands_first_and_is_chosen_already(desk: Desk, cast: Cast, matters: list[Case]) -> None:
    cases.claim(desk, matters[0].id, cast.xiaoli)
    view = ask(desk, cast.chenjie)
    assert (view.total, view.oldest_at) == (2, matters[2].opened_at)
    assert view.matters is not None
    assert [key for key, _ in view.matters.options] == [str(matters[2].id), str(matters[1].id)]
    assert view.matters.selected == str(matters[2].id)
    assert view.matters.options[0][1].startswith(short_code(matters[2].id))
    assert view.people is not None
    assert [text for _, text in view.people.options] == ["请选择", "小李 客服", "老王 仓库", "赵姐 采购", "陈姐 主管"]
    assert view.people.selected == view.people.options[0][0], "nobody is chosen already"


def test_who_is_chosen_gets_it_and_the_next_one_is_shown(
    desk: Desk, session: Session, cast: Cast, matters: list[Case]
) -> None:
    view = hand(desk, cast.chenjie, matter=matters[1].id, person=cast.xiaoli.staff_id)
    assert view.note == f"{short_code(matters[1].id)} 已交给小李"
    assert view.total == 2
    assert matters[1].owner_id == cast.xiaoli.staff_id
    told = session.scalars(select(Notification).where(Notification.recipient == str(cast.xiaoli.staff_id))).all()
    assert [row.subject for row in told] == [f"case:{matters[1].id}"]
    assert session.scalars(select(TrailRow.action).where(TrailRow.actor == "陈姐")).all() == ["转交"]


def test_whoever_has_no_room_in_the_drop_down_is_not_kept_back(
    desk: Desk, session: Session, cast: Cast, matters: list[Case]
) -> None:
    for number in range(8):
        hire(session, Member(f"小{number}", f"xiao{number}", Role.SERVICE))
    view = ask(desk, cast.chenjie)
    assert view.people is not None
    assert (len(view.people.options), view.unlisted) == (10, 3)


def test_when_all_are_handed_out_nothing_is_offered(desk: Desk, cast: Cast, session: Session) -> None:
    case = make_case(session, make_order(session))
    view = hand(desk, cast.chenjie, matter=case.id, person=cast.xiaoli.staff_id)
    assert (view.total, view.matters, view.offers) == (0, None, ())


def test_two_supervisors_at_the_same_form(desk: Desk, session: Session, cast: Cast, matters: list[Case]) -> None:
    """The second one names a matter that somebody is at meanwhile: it moves once more, as 转 would do; one that is
    done stays done."""
    hand(desk, cast.chenjie, matter=matters[0].id, person=cast.xiaoli.staff_id)
    cases.solve(desk, matters[0].id, cast.xiaoli)
    view = hand(desk, cast.chenjie, matter=matters[0].id, person=cast.chenjie.staff_id)
    assert matters[0].owner_id == cast.xiaoli.staff_id
    assert view.note
    assert "已交给" not in view.note


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({}, "请先选哪一件"),
        ({"matter": "x", "person": 1}, "请先选哪一件"),
        ({"matter": 1}, "请先选交给谁"),
        ({"matter": 1, "person": "none"}, "请先选交给谁"),
        ({"matter": 1, "person": 999_999}, "不在名单里"),
    ],
)
def test_half_a_choice_changes_nothing(
    desk: Desk, cast: Cast, matters: list[Case], chosen: dict[str, object], said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        hand(desk, cast.chenjie, **chosen)
    assert all(case.owner_id is None for case in matters)


def test_it_goes_to_a_role_that_can_do_it_and_only_a_supervisor_says_so(
    desk: Desk, cast: Cast, matters: list[Case]
) -> None:
    with pytest.raises(Refusal, match="老王是仓库"):
        hand(desk, cast.chenjie, matter=matters[0].id, person=cast.laowang.staff_id)
    with pytest.raises(Refusal, match="指派由主管操作"):
        hand(desk, cast.xiaoli, matter=matters[0].id, person=cast.xiaoli.staff_id)
    with pytest.raises(Refusal, match="指派由主管操作"):
        ask(desk, cast.laowang)
