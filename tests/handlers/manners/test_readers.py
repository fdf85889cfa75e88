"""Who hears 1:1 of what a group cannot be told: whoever is at work and wants to hear, and never nobody."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from handlers.desk import Actor, Desk
from handlers.manners import mute, readers
from handlers.owe import card, owe
from models import Case, Notification, Urgency
from tests.cast import Cast
from tests.factories import make_case, make_order
from tests.handlers.duty.rota import is_away, works


def row_of(desk: Desk, case: Case) -> Notification:
    owe(desk, [card(case.id, "open")])
    return desk.session.query(Notification).one()


def names(desk: Desk, row: Notification) -> list[str]:
    return [one.name for one in readers.of(desk, row, "wecom")]


def a_row(desk: Desk, session: Session) -> Notification:
    return row_of(desk, make_case(session, make_order(session), kind="address_vague", role="service"))


def test_those_of_the_role_hear(desk: Desk, session: Session, cast: Cast) -> None:
    assert names(desk, a_row(desk, session)) == ["小李"]


def test_who_is_absent_or_off_shift_does_not_and_the_supervisor_does(desk: Desk, session: Session, cast: Cast) -> None:
    is_away(session, cast.xiaoli, "12-22 08:00", "12-22 18:00")
    assert names(desk, a_row(desk, session)) == ["陈姐"]


def test_one_who_comes_later_hears_when_back_and_the_one_on_duty_now(desk: Desk, session: Session, cast: Cast) -> None:
    works(session, cast.xiaoli, 14, 18)
    assert "陈姐" in names(desk, a_row(desk, session))


def muted(desk: Desk, *people: Actor) -> None:
    for one in people:
        mute.mute(desk, one, "address_vague", desk.now + timedelta(hours=2))


def test_who_wants_to_hear_nothing_of_it_does_not(desk: Desk, session: Session, cast: Cast) -> None:
    muted(desk, cast.xiaoli)
    assert names(desk, a_row(desk, session)) == ["陈姐"]


def test_where_all_want_quiet_nothing_is_lost_and_a_penalty_is_told_all_the_same(
    desk: Desk, session: Session, cast: Cast
) -> None:
    muted(desk, cast.xiaoli, cast.chenjie)
    row = a_row(desk, session)
    assert names(desk, row) == ["小李"]
    muted(desk, cast.xiaoli)
    row.urgency = Urgency.ALERT
    assert names(desk, row) == ["小李"]
