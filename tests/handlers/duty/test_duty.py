from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from handlers.desk import Desk
from handlers.duty import duty
from models import Lead, QuietHours, Role
from tests.cast import LAOWANG, Cast, Member, hire
from tests.handlers.duty.rota import at, is_away, works


def names(desk: Desk, role: Role, moment: str) -> list[str]:
    return [person.name for person in duty.on_duty(desk, role, at(moment))]


def test_without_a_shift_everybody_is_on_from_eight_to_ten(desk: Desk, cast: Cast) -> None:
    assert names(desk, Role.SERVICE, "12-22 10:00") == ["小李"]
    assert duty.on_shift(desk, 1, at("12-22 08:00")) is True
    assert duty.on_shift(desk, 1, at("12-22 22:00")) is False
    assert duty.quiet_until(desk, 1, at("12-22 23:00")) == at("12-23 09:00")
    assert duty.quiet_until(desk, 1, at("12-22 10:00")) is None


def test_of_a_role_those_on_shift_have_it(desk: Desk, session: Session, cast: Cast) -> None:
    wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
    works(session, cast.xiaoli, 9, 15)
    works(session, wangwu, 15, 22)

    assert names(desk, Role.SERVICE, "12-22 14:59") == ["小李"]
    assert names(desk, Role.SERVICE, "12-22 15:00") == ["王五"]


def test_where_nobody_is_on_shift_the_lead_has_it_and_else_the_supervisor(
    desk: Desk, session: Session, cast: Cast
) -> None:
    works(session, cast.laowang, 9, 18)
    works(session, cast.chenjie, 0, 24)
    assert names(desk, Role.WAREHOUSE, "12-22 20:00") == ["陈姐"]

    session.add(Lead(role="warehouse", staff_id=cast.laowang.staff_id))
    session.flush()
    assert names(desk, Role.WAREHOUSE, "12-22 20:00") == ["老王"]


def test_the_absent_have_nothing_and_nothing_is_nobodys(desk: Desk, session: Session, cast: Cast) -> None:
    is_away(session, cast.laowang, "12-22 00:00", "12-24 00:00")
    assert duty.absent(desk, at("12-22 10:00")) == {cast.laowang.staff_id}
    assert duty.absent(desk, at("12-24 00:00")) == set()
    assert names(desk, Role.WAREHOUSE, "12-22 10:00") == ["陈姐"]

    for who in (cast.chenjie, cast.xiaoli, cast.zhaojie):
        is_away(session, who, "12-22 00:00", "12-24 00:00")
    assert names(desk, Role.WAREHOUSE, "12-22 10:00") == ["陈姐"], "all are away: it is the supervisor's all the same"


def test_what_waits_for_the_absent_waits_for_their_next_shift(desk: Desk, session: Session, cast: Cast) -> None:
    works(session, cast.laowang, 9, 18)
    is_away(session, cast.laowang, "12-22 00:00", "12-24 00:00")
    is_away(session, cast.laowang, "12-24 00:00", "12-25 00:00", state="begun")

    assert cast.laowang.staff_id is not None
    assert duty.quiet_until(desk, cast.laowang.staff_id, at("12-22 10:00")) == at("12-25 09:00")


def test_an_absence_that_ends_within_a_shift_ends_the_quiet(desk: Desk, session: Session, cast: Cast) -> None:
    is_away(session, cast.laowang, "12-22 00:00", "12-22 14:00")

    assert cast.laowang.staff_id is not None
    assert duty.quiet_until(desk, cast.laowang.staff_id, at("12-22 10:00")) == at("12-22 14:00")


def test_an_absence_that_is_over_or_withdrawn_counts_no_more(desk: Desk, session: Session, cast: Cast) -> None:
    is_away(session, cast.laowang, "12-22 00:00", "12-24 00:00", state="withdrawn")

    assert duty.absent(desk, at("12-22 10:00")) == set()


def test_a_shift_is_read_whole(desk: Desk, session: Session, cast: Cast) -> None:
    works(session, cast.laowang, 9, 12, weekdays=0b0000001)
    works(session, cast.laowang, 13, 18, weekdays=0b0000001)
    works(session, cast.laowang, 18, 24, weekdays=0, day=date(2025, 12, 25))
    works(session, cast.laowang, 0, 0, weekdays=0, day=date(2025, 12, 29))
    hours = duty.roster(desk).hours_of(cast.laowang.staff_id or 0)

    assert [len(hours.spans(date(2025, 12, day))) for day in (22, 23, 25, 29)] == [2, 0, 1, 0]


def test_the_company_may_keep_other_hours(desk: Desk, session: Session, cast: Cast) -> None:
    session.add(QuietHours(name="company", from_minute=20 * 60, to_minute=7 * 60, release_minute=7 * 60 + 30))
    session.flush()

    assert duty.quiet_until(desk, 1, at("12-22 21:00")) == at("12-23 07:30")


def test_a_role_that_nobody_has_is_the_supervisors(desk: Desk, session: Session) -> None:
    boss = hire(session, Member("陈姐", "chenjie", Role.SUPERVISOR))
    hire(session, LAOWANG)

    assert [person.id for person in duty.on_duty(desk, Role.PURCHASING, at("12-22 10:00"))] == [boss.staff_id]
