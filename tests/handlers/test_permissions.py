"""Promise 4: nobody acts beyond the role. Every command and action, pressed by every role."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import actions, commands, permissions, pressing, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import STEPS
from models import Case, Role, TrailRow
from models.stages import Verb
from tests.cast import Cast
from tests.factories import make_case, make_order, pressed, typed

ROLES = {
    "approve": {"客服", "主管"}, "pick": {"仓库", "主管"}, "ship": {"仓库", "主管"}, "note": {"客服", "主管"},
    "assign": {"主管"}, "reveal": {"客服", "仓库", "主管"}, "ship_ask": {"仓库", "主管"},
}  # fmt: skip
NAMES = {"小李": "客服", "老王": "仓库", "赵姐": "采购", "陈姐": "主管"}


def state(session: Session) -> list[object]:
    """Everything that an act without permission must leave as it is."""
    session.expire_all()
    return [
        session.execute(text("SELECT array_agg(o::text ORDER BY id) FROM orders o")).scalar(),
        session.execute(text("SELECT array_agg(c::text ORDER BY id) FROM cases c")).scalar(),
        session.scalars(select(TrailRow.id)).all(),
    ]


TYPED = {
    "approve": ("审核 {tag}", "pending_review"),
    "pick": ("配货 {tag}", "pending_pick"),
    "ship": ("发货 {tag} 顺丰 SF1234567890123", "pending_ship"),
    "note": ("备注 {tag} 加固", "pending_ship"),
    "assign": ("指派 {tag} 老王", "pending_ship"),
    "reveal": ("收件 {tag} 打单核对", "pending_ship"),
}


@pytest.mark.parametrize("slug", sorted(TYPED))
def test_commands_change_something_only_for_whom_the_table_names(
    desk: Desk, session: Session, cast: Cast, slug: str
) -> None:
    line, stage = TYPED[slug]
    for actor in cast:
        order = make_order(session, stage=stage)
        before = state(session)
        incoming = typed(line.format(tag=order.tag), is_group=False)
        if NAMES[actor.name] in ROLES[slug]:
            commands.run(desk, incoming, actor)
            assert state(session) != before
        else:
            with pytest.raises(Refusal, match=f"您是{NAMES[actor.name]}；可以请(小李|老王|陈姐)处理"):
                commands.run(desk, incoming, actor)
            assert state(session) == before


CASES = ("claim", "release", "solve", "delay", "transfer", "dismiss", "retry", "reopen")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", CASES)
def test_a_case_is_only_for_the_role_it_belongs_to(
    desk: Desk, session: Session, cast: Cast, action: str, role: Role
) -> None:
    order = make_order(session)
    case = make_case(session, order, role=str(role), state="solved" if action == "reopen" else "open")
    before = state(session)
    outsiders = [actor for actor in cast if not actor.may(role)]
    for actor in outsiders:
        incoming = pressed(action, f"case:{case.id}", value="误报", person=str(actor.staff_id))
        with pytest.raises(Refusal, match="可以请"):
            pressing.press(desk, incoming, actor)
        assert state(session) == before
    assert len(outsiders) == (3 if role is Role.SUPERVISOR else 2)


@pytest.mark.parametrize(("action", "stage"), [("approve", "pending_review"), ("pick", "pending_pick")])
def test_the_same_table_holds_for_a_button_and_for_a_command(
    desk: Desk, session: Session, cast: Cast, action: str, stage: str
) -> None:
    for actor in cast:
        order = make_order(session, stage=stage)
        if NAMES[actor.name] in ROLES[action]:
            pressing.press(desk, pressed(action, f"order:{order.id}"), actor)
        else:
            with pytest.raises(Refusal, match=r"由.*操作"):
                pressing.press(desk, pressed(action, f"order:{order.id}"), actor)
            session.refresh(order)
            assert order.stage == stage


def test_a_step_is_allowed_alike_whether_typed_or_pressed() -> None:
    for verb in ("approve", "pick"):
        assert actions.ACTIONS[verb].permit == commands.COMMANDS[verb].permit
    assert actions.ACTIONS["ship_ask"].permit == commands.COMMANDS["ship"].permit


def test_where_nobody_has_the_role_the_supervisor_is_named(desk: Desk, session: Session) -> None:
    nobody = Actor("新人", frozenset(), 1, "web")

    with pytest.raises(Refusal, match="配货由仓库操作，您是没有角色；可以请主管处理"):
        permissions.check(desk, STEPS[Verb.PICK], nobody)


def test_offers_are_only_those_that_one_may_press(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, district="")
    watch.watch(desk, [order.id])
    case = session.scalars(select(Case)).one()
    offered = {}
    for actor in cast:
        view = pressing.press(desk, pressed("refresh", f"case:{case.id}"), actor)
        offered[actor.name] = {offer.action for offer in (*view.offers, *view.more)}  # type: ignore[union-attr]

    assert offered["老王"] == offered["赵姐"] == {"refresh", "useful", "false_alarm"}
    assert offered["小李"] == offered["陈姐"] == {
        "solve", "claim", "delay", "transfer", "refresh", "dismiss", "force", "useful",
    }  # fmt: skip
