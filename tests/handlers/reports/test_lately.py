from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import trail
from handlers.desk import SYSTEM, Desk
from handlers.reports.lately import first_id
from models import TrailRow
from tests.factories import NOW


def test_an_empty_trail_begins_nowhere(desk: Desk) -> None:
    assert first_id(desk, NOW) == 0 or first_id(desk, NOW) == 1


def test_no_row_of_the_moment_is_left_out_and_few_before_it_are_taken(desk: Desk, session: Session) -> None:
    """With gaps between the numbers, as a rolled back transaction leaves them."""
    for hour in range(200):
        trail.write(replace(desk, now=NOW + timedelta(hours=hour)), f"case:{hour}", SYSTEM, action="异常", detail={})
    rows = session.scalars(select(TrailRow).order_by(TrailRow.id)).all()
    for row in rows[50:90]:
        session.delete(row)
    session.flush()
    left = [row for row in rows if row not in rows[50:90]]

    for hour in (-5, 0, 1, 49, 50, 70, 90, 91, 150, 199, 200, 500):
        at = NOW + timedelta(hours=hour)
        first = first_id(desk, at)
        assert all(row.id >= first for row in left if row.at >= at), hour
        assert sum(row.id >= first for row in left if row.at < at) <= 2, hour
