from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import people, staffing, trail
from handlers.desk import Desk, Refusal
from handlers.staffing import Ids
from models import Notification, Role, TrailRow
from tests.cast import Cast
from tests.factories import make_case, make_order


def said(session: Session, userid: str) -> list[tuple[str, str, str]]:
    """(who, what, how) of a person's trail."""
    rows = session.scalars(select(TrailRow).where(TrailRow.subject.like("staff:%")).order_by(TrailRow.id))
    return [(row.actor, row.action, row.detail) for row in rows if userid in row.detail]


def roles(desk: Desk, userid: str) -> frozenset[Role]:
    actor = people.find_actor(desk, userid, "wecom_app")
    assert actor is not None
    return actor.roles


def demote(desk: Desk, userid: str) -> staffing.Member:
    return staffing.set_roles(desk, userid, ["service"])


def test_a_new_colleague_may_work_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    staffing.add(desk, Ids("XiaoZhao"), "小赵", ["service", "warehouse"])

    assert roles(desk, "xiaozhao") == {Role.SERVICE, Role.WAREHOUSE}
    assert said(session, "xiaozhao") == [
        ("管理员", "登记成员", '{"姓名":"小赵","角色":"客服、仓库","账号":"xiaozhao"}')
    ]
    subject = session.scalars(select(TrailRow.subject).where(TrailRow.action == "登记成员")).one()
    assert trail.verify(session, subject)


def test_who_is_there_already_is_not_added_again(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match=r"xiaoli 已登记为小李.*staff roles xiaoli"):
        staffing.add(desk, Ids("xiaoli"), "李四", ["service"])


def test_roles_are_replaced(desk: Desk, session: Session, cast: Cast) -> None:
    staffing.set_roles(desk, "xiaoli", ["warehouse", "service", "warehouse"])

    assert roles(desk, "xiaoli") == {Role.SERVICE, Role.WAREHOUSE}
    assert said(session, "xiaoli") == [
        ("管理员", "修改角色", '{"姓名":"小李","角色":["客服","客服、仓库"],"账号":"xiaoli"}')
    ]


def test_who_left_is_a_stranger_and_may_come_back(desk: Desk, session: Session, cast: Cast) -> None:
    staffing.switch_off(desk, "laowang")

    assert people.find_actor(desk, "laowang", "wecom_app") is None
    assert [(one.userid, one.active) for one in staffing.members(desk)] == [
        ("xiaoli", True), ("laowang", False), ("zhaojie", True), ("chenjie", True)
    ]  # fmt: skip

    staffing.add(desk, Ids("laowang"), "王师傅", ["purchasing"])

    assert roles(desk, "laowang") == {Role.PURCHASING}
    assert [action for _, action, _ in said(session, "laowang")] == ["停用成员", "登记成员"]


def test_who_left_has_left(desk: Desk, cast: Cast) -> None:
    staffing.switch_off(desk, "laowang")

    for change in (staffing.switch_off, demote):
        with pytest.raises(Refusal, match=r"laowang（老王）已停用.*staff add laowang"):
            change(desk, "laowang")


@pytest.mark.parametrize("names", [["boss"], ["service", "老板"], [], [""]])
def test_a_role_that_there_is_not_names_those_that_there_are(desk: Desk, cast: Cast, names: Sequence[str]) -> None:
    known = "service（客服）、warehouse（仓库）、purchasing（采购）、supervisor（主管）"
    with pytest.raises(Refusal, match=known):
        staffing.add(desk, Ids("new"), "新人", names)
    with pytest.raises(Refusal, match=known):
        staffing.set_roles(desk, "xiaoli", names)


def test_nobody_of_that_name(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="没有登记 nobody"):
        staffing.switch_off(desk, "nobody")


@pytest.mark.parametrize(("userid", "name"), [("", "小赵"), ("xiao zhao", "小赵"), ("xiaozhao", " ")])
def test_a_member_has_an_id_and_a_name(desk: Desk, cast: Cast, userid: str, name: str) -> None:
    with pytest.raises(Refusal, match=r"userid|姓名"):
        staffing.add(desk, Ids(userid), name, ["service"])


def test_the_last_supervisor_stays(desk: Desk, cast: Cast) -> None:
    for change in (staffing.switch_off, demote):
        with pytest.raises(Refusal, match="陈姐是最后一位主管"):
            change(desk, "chenjie")

    staffing.set_roles(desk, "xiaoli", ["supervisor"])
    staffing.switch_off(desk, "chenjie")

    assert people.find_actor(desk, "chenjie", "wecom_app") is None


def test_one_who_is_on_dingtalk_alone_is_known_there(desk: Desk, session: Session, cast: Cast) -> None:
    member = staffing.add(desk, Ids(dingtalk="dt-qian"), "小钱", ["客服"])

    assert (member.userid, member.ids.wecom) == ("dt-qian", "")
    assert people.find_actor(desk, "dt-qian", "dingtalk") is not None
    assert people.find_actor(desk, "dt-qian", "wecom_app") is None


def test_an_id_that_is_anothers_is_refused_and_named(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="账号 dt-laowang 已经是老王的"):
        staffing.bind(desk, "xiaoli", Ids(dingtalk="dt-laowang"))
    with pytest.raises(Refusal, match="账号 laowang 已经是老王的"):
        staffing.add(desk, Ids("new", "laowang"), "小钱", ["service"])


def test_the_same_id_may_be_ones_own_on_both_platforms(desk: Desk, cast: Cast) -> None:
    member = staffing.bind(desk, "xiaoli", Ids(dingtalk="xiaoli"))

    assert member.ids == Ids("xiaoli", "xiaoli")
    assert staffing.set_roles(desk, "xiaoli", ["warehouse"]).roles == {Role.WAREHOUSE}


def test_who_comes_back_may_bring_a_new_id(desk: Desk, cast: Cast) -> None:
    staffing.switch_off(desk, "laowang")
    staffing.add(desk, Ids("laowang", "dt-new"), "老王", ["warehouse"])

    assert people.find_actor(desk, "dt-new", "dingtalk") is not None
    assert people.find_actor(desk, "dt-laowang", "dingtalk") is None


def test_what_lay_with_who_left_is_nobodys_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, owner_id=cast.laowang.staff_id, stage="pending_pick")
    case = make_case(session, order, role="warehouse", state="claimed", owner_id=cast.laowang.staff_id)

    staffing.switch_off(desk, "laowang")

    session.refresh(order)
    session.refresh(case)
    assert (order.owner_id, case.owner_id, case.state) == (None, None, "open")
    told = session.scalars(select(Notification).where(Notification.purpose == "text")).one()
    assert told.recipient == str(cast.chenjie.staff_id), "nobody else is of the warehouse"
    assert str(told.body["text"]).startswith("老王已停用，放回待认领，请认领：")
