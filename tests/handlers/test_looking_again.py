"""What holds for every open order was changed: nobody is forgotten, not even whom somebody holds at that moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import due, looking_again
from handlers.desk import Desk
from handlers.tuning import switches
from models import JobRun, Order
from tests.cast import hire_all
from tests.factories import make_order
from tests.handlers.rulebook.office import live, look, rule

LATER = timedelta(days=3)
At = Callable[[Session, int], Desk]


@pytest.fixture
def at(settings: Settings, now: datetime) -> At:
    """A desk so many seconds later."""
    return lambda session, seconds: Desk(session, now + timedelta(seconds=seconds), settings)


def due_at(session: Session) -> dict[int, datetime | None]:
    return {one.id: one.recheck_at for one in session.scalars(select(Order).order_by(Order.id))}


def jobs(session: Session) -> list[str]:
    return list(session.scalars(select(JobRun.job).order_by(JobRun.job)))


def test_an_order_that_somebody_holds_while_a_rule_is_switched_on_is_judged_by_it_a_minute_later(
    sessions: sessionmaker[Session], at: At, now: datetime
) -> None:
    with sessions() as session:
        cast = hire_all(session)
        held, free = (make_order(session, recheck_at=now + LATER).id for _ in range(2))
        number = rule(at(session, 0), "规则 新增 金额 > 1", cast.chenjie).rule_id
        session.commit()
    with sessions() as holder, sessions() as session:
        holder.execute(text("SELECT FROM orders WHERE id = :id FOR NO KEY UPDATE"), {"id": held})
        rule(at(session, 0), f"规则 启 {number}", cast.chenjie)
        session.commit()
    with sessions() as session:
        look(at(session, 30))
        assert live(session, number) == {free}
        look(at(session, 60))
        assert live(session, number) == {free, held}
        assert jobs(session) == []


def test_an_order_that_just_comes_in_by_the_old_rules_is_looked_at_by_the_new_ones(
    sessions: sessionmaker[Session], at: At, now: datetime
) -> None:
    with sessions() as session:
        cast = hire_all(session)
        number = rule(at(session, 0), "规则 新增 金额 > 1", cast.chenjie).rule_id
        session.commit()
    with sessions() as puller, sessions() as session:
        make_order(puller, recheck_at=now + LATER)
        rule(at(session, 0), f"规则 启 {number}", cast.chenjie)
        session.commit()
        puller.commit()
    with sessions() as session:
        look(at(session, 61))
        assert len(live(session, number)) == 1


def test_who_is_held_again_comes_again_alone(sessions: sessionmaker[Session], at: At, now: datetime) -> None:
    with sessions() as session:
        held, free = (make_order(session, recheck_at=now + LATER).id for _ in range(2))
        switches.look_anew(at(session, 0))
        session.execute(text("UPDATE orders SET recheck_at = :later"), {"later": now + LATER})
        session.commit()
    with sessions() as holder, sessions() as session:
        holder.execute(text("SELECT FROM orders WHERE id = :id FOR NO KEY UPDATE"), {"id": held})
        looking_again.look(at(session, 60))
        session.commit()
        assert due_at(session) == {held: now + LATER, free: now + timedelta(seconds=60)}
        assert jobs(session) == [f"look_again:{held}"]
    with sessions() as session:
        session.execute(text("UPDATE orders SET recheck_at = :later"), {"later": now + LATER})
        looking_again.look(at(session, 119))
        assert jobs(session) == [f"look_again:{held}"]
        looking_again.look(at(session, 120))
        assert due_at(session) == {held: now + timedelta(seconds=120), free: now + LATER}
        assert jobs(session) == []


def test_what_has_left_is_not_looked_at(session: Session, desk: Desk) -> None:
    gone = make_order(session, stage="done", recheck_at=None)
    looking_again.every(desk)
    desk.now += timedelta(minutes=1)
    due.look(desk)
    session.refresh(gone)
    assert (gone.recheck_at, jobs(session)) == (None, [])


def test_of_two_clocks_one_takes_what_was_planned_and_neither_waits(
    sessions: sessionmaker[Session], at: At, now: datetime
) -> None:
    with sessions() as session:
        make_order(session, recheck_at=now + LATER)
        looking_again.every(at(session, 0))
        session.commit()
    with sessions() as first, sessions() as second:
        second.execute(text("SET LOCAL lock_timeout = '2s'"))
        looking_again.look(at(first, 60))
        looking_again.look(at(second, 60))
        first.commit()
        second.commit()
    with sessions() as session:
        assert jobs(session) == []
