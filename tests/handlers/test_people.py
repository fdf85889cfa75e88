from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import people, staffing
from handlers.desk import Desk
from models import Role, Staff, StaffRole, TrailRow
from tests.cast import LAOWANG, OUTSIDER, Cast, hire


def test_a_person_is_known_by_the_chat_id_whatever_its_case(desk: Desk, cast: Cast) -> None:
    actor = people.find_actor(desk, "XiaoLi", "wecom_app")

    assert actor is not None
    assert (actor.name, actor.source) == ("小李", "wecom_app")
    assert actor.roles == {Role.SERVICE}
    assert actor.staff_id == cast.xiaoli.staff_id


def test_a_stranger_is_nobody_and_so_is_who_left(desk: Desk, session: Session, cast: Cast) -> None:
    session.get_one(Staff, cast.laowang.staff_id).active = False
    session.flush()

    assert people.find_actor(desk, OUTSIDER, "wecom_bot") is None
    assert people.find_actor(desk, LAOWANG.userid, "wecom_bot") is None
    assert "请让管理员登记" in people.refuse_unknown()


def test_who_has_no_role_is_known_all_the_same(desk: Desk, session: Session) -> None:
    session.add(Staff(name="新人", wecom_userid="xinren"))
    session.flush()

    actor = people.find_actor(desk, "xinren", "web")

    assert actor is not None
    assert actor.roles == frozenset()


def test_of_two_messages_at_once_the_second_does_not_wait_to_note_where_its_sender_speaks(
    sessions: sessionmaker[Session], settings: Settings, now: datetime
) -> None:
    with sessions() as session:
        session.add(Staff(name="小李", wecom_userid="xiaoli", role_rows=[StaffRole(role=Role.SERVICE)]))
        session.commit()
    with sessions() as first, sessions() as second:
        for session in (first, second):  # the second one while the first has not ended
            actor = people.heard(Desk(session=session, now=now, settings=settings), "xiaoli", "wecom_app")
            assert actor is not None
        first.commit()
    with sessions() as session:
        assert session.scalar(select(Staff.heard_on)) == "wecom"


def test_the_people_of_the_settings_are_made_once_and_then_left_alone(desk: Desk, session: Session) -> None:
    staffing.seed(desk)
    li = session.scalars(select(Staff).where(Staff.wecom_userid == "xiaoli")).unique().one()
    li.name, li.role_rows = "李经理", []
    session.flush()

    staffing.seed(desk)

    made = session.scalars(select(TrailRow.detail).where(TrailRow.action == "登记成员")).all()
    assert [detail for detail in made if "xiaoli" in detail] == ['{"姓名":"小李","角色":"客服","账号":"xiaoli"}']
    assert len(people.staff(desk)) == 4
    assert people.staff(desk)[0].name == "李经理"
    assert people.staff(desk)[0].roles == frozenset()


def test_names_may_be_short_where_they_are_clear(desk: Desk, session: Session, cast: Cast) -> None:
    hire(session, LAOWANG.__class__("王五", "wangwu", Role.SERVICE))
    everybody = people.staff(desk)

    def names(name: str) -> list[str]:
        return [person.name for person in people.named(everybody, name)]

    assert names("王五") == ["王五"]
    assert names("王") == ["老王", "王五"]
    assert names("laowang") == names("@老王") == names("@laowang") == ["老王"]
    assert names("") == names("赵云") == []


def test_whom_to_turn_to(desk: Desk, cast: Cast) -> None:
    assert people.anyone(desk, frozenset({Role.SUPERVISOR, Role.WAREHOUSE})) == "老王"
    assert people.anyone(desk, frozenset()) == ""


def test_in_the_terminal_a_person_is_known_by_the_number_of_their_row(desk: Desk, session: Session, cast: Cast) -> None:
    session.add(Staff(name="另一位", dingtalk_userid="xiaoli"))
    session.add(Staff(name="又一位", wecom_userid=str(cast.laowang.staff_id)))
    session.flush()

    actor = people.heard(desk, str(cast.laowang.staff_id), "terminal")

    assert actor is not None
    assert (actor.name, actor.staff_id) == ("老王", cast.laowang.staff_id)
    assert people.heard(desk, "xiaoli", "terminal") is None
