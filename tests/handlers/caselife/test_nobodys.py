"""No matter is ownerless, and no change leaves the table: played at random, with claims, absences, returns, waits and
time. A trigger of the test writes down every change that any room makes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from handlers import cases, due, opening, people, trail
from handlers.caselife import waiting
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.duty import absences, handovers
from handlers.duty.periods import Period
from handlers.matter import Opening
from models import Role
from models.case_life import ALIVE, CHANGES, ENDS, Life, life_of
from tests.cast import Cast, Member, hire, hire_all
from tests.factories import make_order

_WATCHED: Final = text("""
    CREATE TEMP TABLE seen (case_id bigint, state text, owner_id int, claimed_until timestamptz, wake_at timestamptz,
        after_state text, after_owner_id int, after_claimed_until timestamptz, after_wake_at timestamptz);
    CREATE FUNCTION pg_temp.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO seen VALUES (OLD.id, OLD.state, OLD.owner_id, OLD.claimed_until, OLD.wake_at,
            NEW.state, NEW.owner_id, NEW.claimed_until, NEW.wake_at);
        RETURN NEW; END $$;
    CREATE TRIGGER see AFTER UPDATE ON cases FOR EACH ROW EXECUTE FUNCTION pg_temp.see();
""")
_UNDONE: Final = {(after, before) for (before, turn), after in CHANGES.items() if turn in ("assign", "release")}
"""What an absence had taken away, and 销假 gives back."""
LEGAL: Final = {(before, after) for (before, _), after in CHANGES.items()} | _UNDONE


class Stood:
    def __init__(self, row: Any, prefix: str = "") -> None:
        self.state, self.owner_id = getattr(row, f"{prefix}state"), getattr(row, f"{prefix}owner_id")
        self.claimed_until = getattr(row, f"{prefix}claimed_until")
        self.wake_at = getattr(row, f"{prefix}wake_at")


class Office:
    """Five people, two matters, and what they do to them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        session = desk.session
        cast: Cast = hire_all(session)
        self.actors: list[Actor] = [*cast, hire(session, Member("王五", "wangwu", Role.SERVICE))]
        session.execute(
            text("INSERT INTO leads (role, staff_id) VALUES ('service', :id)"), {"id": cast.xiaoli.staff_id}
        )
        self.order = make_order(session, recheck_at=None, ship_by_at=None)
        one = Opening("address_vague", "缺区县", Role.SERVICE, self.order.id, evidence={"mark": "x"})
        shop = Opening("shop_stopped", "停了", Role.SUPERVISOR, group_key="shop:9")
        self.cases = [row.id for row in opening.open_many(desk, [one, shop])]

    def person(self, actor: Actor) -> people.Person:
        return next(one for one in people.staff(self.desk) if one.id == actor.staff_id)

    def rows(self) -> list[Any]:
        found = self.desk.session.execute(
            text("SELECT * FROM cases WHERE id = ANY(:ids) ORDER BY id"), {"ids": self.cases}
        )
        return list(found)

    def do(self, what: str, who: int, which: int) -> None:
        """What cannot be done is refused, and changes nothing; who is absent only ever comes back."""
        if what != "back" and self.person(self.actors[who]).away:
            return
        with suppress(Refusal, Late), self.desk.session.begin_nested():
            ACTS[what](self, self.actors[who], self.cases[which])

    def pass_time(self, minutes: int) -> None:
        self.desk = replace(self.desk, now=self.desk.now + timedelta(minutes=minutes))
        due.look(self.desk)

    def check(self) -> None:
        for row in self.rows():
            owned = row.owner_id is not None or row.state not in ("open", "claimed")
            assert owned or row.due_at is not None, "nobody has it, and nobody will ever come"
        absent = {one.id for one in people.staff(self.desk) if one.away}
        assert not absent & {row.owner_id for row in self.rows() if row.state in ("open", "claimed")}


def _away(office: Office, actor: Actor, _case: int) -> None:
    period = Period(office.desk.now, office.desk.now + timedelta(hours=7))
    absences.ask(office.desk, actor, office.person(actor), period, reason="", deputy=None)


def _back(office: Office, actor: Actor, _case: int) -> None:
    absence = absences.current(office.desk, actor.staff_id or 0)
    if absence is not None:
        absences.withdraw(office.desk, absence, actor)


def _hand_over(office: Office, actor: Actor, _case: int) -> None:
    taker = office.actors[3]  # a supervisor, to whom everything fits
    made = handovers.offer(office.desk, actor, office.person(actor), office.person(taker))
    handovers.accept(office.desk, made, taker)


ACTS: Final[dict[str, Callable[[Office, Actor, int], object]]] = {
    "claim": lambda office, actor, case: cases.claim(office.desk, case, actor),
    "promise": lambda office, actor, case: cases.claim(office.desk, case, actor, 30),
    "release": lambda office, actor, case: cases.release(office.desk, case, actor),
    "transfer": lambda office, actor, case: cases.transfer(
        office.desk, case, office.actors[3], office.person(actor)
    ),
    "wait": lambda office, actor, case: waiting.wait(office.desk, case, actor, "customer"),
    "snooze": lambda office, actor, case: cases.snooze(office.desk, case, actor),
    "away": _away,
    "back": _back,
    "hand_over": _hand_over,
}  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 4), st.integers(0, 1)),
    st.sampled_from([5, 20, 70, 250, 900]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=14))
def test_whoever_comes_and_goes_it_is_somebodys_in_the_end(
    desk: Desk, session: Session, steps: list[tuple[str, int, int] | int]
) -> None:
    with session.begin_nested() as played:
        session.execute(_WATCHED)
        office = Office(desk)
        _play(office, steps)
        played.rollback()


def _play(office: Office, steps: list[tuple[str, int, int] | int]) -> None:
    session = office.desk.session
    for step in steps:
        office.pass_time(step) if isinstance(step, int) else office.do(*step)
        office.check()
    for who in range(5):
        office.do("back", who, 0)
    _wait_out(office)

    assert all(row.owner_id is not None for row in office.rows())
    for row in session.execute(text("SELECT * FROM seen")):
        change = (life_of(Stood(row)), life_of(Stood(row, "after_")))
        assert change in LEGAL, change
    assert trail.verify(session, f"order:1:{office.order.external_id}")


def _wait_out(office: Office) -> None:
    """Nobody does anything any more, until everything is somebody's."""
    for _ in range(12):
        coming = [row.due_at for row in office.rows() if row.owner_id is None and row.due_at is not None]
        if not coming:
            return
        minutes = int((min(coming) - office.desk.now).total_seconds() // 60) + 1
        office.pass_time(max(minutes, 1))
        office.check()


def test_the_trigger_sees_what_the_table_forbids(session: Session, desk: Desk) -> None:
    """So that the test above can fail."""
    session.execute(_WATCHED)
    office = Office(desk)
    session.execute(text("UPDATE cases SET state = 'dismissed' WHERE id = :id"), {"id": office.cases[0]})
    session.execute(text("UPDATE cases SET state = 'open' WHERE id = :id"), {"id": office.cases[0]})
    seen = [(life_of(Stood(row)), life_of(Stood(row, "after_"))) for row in session.execute(text("SELECT * FROM seen"))]
    assert seen == [(Life.OPENED, Life.DISMISSED), (Life.DISMISSED, Life.OPENED)]
    assert [one in LEGAL for one in seen] == [True, False]


def test_every_end_is_an_end_of_something_alive() -> None:
    assert {before for (before, turn) in CHANGES if turn in ENDS} == set(ALIVE)


@pytest.mark.parametrize("who", range(5))
def test_even_while_all_are_absent_it_is_looked_at_again(desk: Desk, session: Session, who: int) -> None:
    office = Office(desk)
    for one in range(5):
        office.do("away", one, 0)
    for _ in range(5):
        office.pass_time(60)
        office.check()
    assert all(row.owner_id is None for row in office.rows())
    office.do("back", who, 0)
    _wait_out(office)
    assert {row.owner_id for row in office.rows()} == {office.actors[who].staff_id}
