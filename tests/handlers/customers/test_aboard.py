"""What travels together is looked at again before each try."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers.customers import aboard, late, manners
from handlers.desk import Desk
from models import Notification, Order
from tests.conftest import settings_document
from tests.factories import NOW, make_customer, make_line, make_order
from tests.handlers.customers.test_late import DELAYED
from tests.handlers.customers.test_manners import later, owed


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"]["delayed"] = DELAYED
    return parse(document)


class TestWhatTravelsTogether:
    """One message for three late orders that waits for its second try, and what is settled meanwhile."""

    def three(self, desk: Desk, session: Session) -> list[Notification]:
        make_customer(session)
        for _ in range(3):
            make_order(session, ship_by_at=NOW - timedelta(minutes=5), lines=[make_line()])
        late.look(desk)
        rows = owed(session)
        manners.gather(later(desk, 11), rows[0])
        session.flush()
        return owed(session)

    def leaves(self, session: Session, *rows: Notification) -> None:
        for row in rows:
            session.get_one(Order, row.body["order"]).stage = "done"
        session.flush()

    def told_by(self, row: Notification) -> list[str]:
        return [one["number"] for one in (row.body["values"], *row.body.get("more", ()))]

    def number(self, session: Session, row: Notification) -> str:
        return session.get_one(Order, row.body["order"]).external_id

    def test_the_others_go_on_without_the_first(self, desk: Desk, session: Session) -> None:
        first, second, third = self.three(desk, session)
        self.leaves(session, first)
        now = later(desk, 12)

        aboard.leave_behind(now, first)

        session.flush()
        first, second, third = owed(session)
        assert manners.kept_back(now, first) == manners.KeptBack(manners.OVER)
        assert (second.state, second.merged_into, second.next_try_at) == ("owed", None, now.now)
        assert (third.state, third.merged_into) == ("merged", second.id)
        assert self.told_by(second) == [self.number(session, second), self.number(session, third)]
        assert self.told_by(first) == [self.number(session, first)]
        first.state = "dropped"  # as it is settled now
        session.flush()
        assert manners.kept_back(now, second) is None

    def test_who_has_left_is_not_told_of_and_says_so_itself(self, desk: Desk, session: Session) -> None:
        first, second, third = self.three(desk, session)
        self.leaves(session, second)
        now = later(desk, 12)

        aboard.leave_behind(now, first)

        session.flush()
        first, second, third = owed(session)
        assert self.told_by(first) == [self.number(session, first), self.number(session, third)]
        assert (second.state, second.merged_into) == ("owed", None)
        assert (third.state, third.merged_into) == ("merged", first.id)
        assert manners.kept_back(now, second) == manners.KeptBack(manners.OVER)

    def test_the_first_and_another_have_left(self, desk: Desk, session: Session) -> None:
        first, second, third = self.three(desk, session)
        self.leaves(session, first, second)

        aboard.leave_behind(later(desk, 12), first)

        session.flush()
        first, second, third = owed(session)
        assert [row.merged_into for row in (first, second, third)] == [None, None, None]
        assert [row.state for row in (first, second, third)] == ["owed", "owed", "owed"]
        assert self.told_by(third) == [self.number(session, third)]

    def test_where_all_have_left_they_end_together(self, desk: Desk, session: Session) -> None:
        rows = self.three(desk, session)
        self.leaves(session, *rows)

        aboard.leave_behind(later(desk, 12), rows[0])

        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "merged", "merged"]

    def test_nothing_changes_while_all_hold(self, desk: Desk, session: Session) -> None:
        rows = self.three(desk, session)
        before = rows[0].body

        aboard.leave_behind(later(desk, 12), rows[0])

        session.flush()
        assert [row.state for row in owed(session)] == ["owed", "merged", "merged"]
        assert owed(session)[0].body == before


def test_what_led_others_before_tells_of_itself_alone_where_they_part(desk: Desk, session: Session) -> None:
    make_customer(session)
    for _ in range(2):
        make_order(session, ship_by_at=NOW - timedelta(minutes=5), lines=[make_line()])
    late.look(desk)
    first, second = owed(session)
    second.body = {**second.body, "more": [{"number": "of a third order"}]}
    session.flush()
    manners.gather(later(desk, 11), first)
    session.flush()

    assert manners.part(desk, first)

    assert ["more" in row.body for row in owed(session)] == [False, False]
