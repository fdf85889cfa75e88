"""Two people press at once on a matter of many orders, which no order's lock keeps apart."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers.views import CaseView
from tests.cast import Cast, hire_all
from tests.factories import make_case
from tests.handlers.test_concurrency import Two, a_press


@pytest.fixture
def two(sessions: sessionmaker[Session], settings: Settings, now: datetime) -> Two:
    return Two(sessions, settings, now)


@pytest.mark.parametrize("number", range(3))
def test_of_two_claims_of_a_group_one_wins_and_the_other_sees_who(
    two: Two, sessions: sessionmaker[Session], number: int
) -> None:
    with sessions() as session:
        cast: Cast = hire_all(session)
        group = make_case(session, None, kind="stale_group", group_key="pending_review", evidence={"count": 6})
        session.commit()
        subject = f"case:{group.id}"

    views = two.at_once(a_press("claim", subject, cast.xiaoli), a_press("claim", subject, cast.chenjie))

    notes = [view.note for view in views if isinstance(view, CaseView)]
    won, lost = sorted(notes, key=lambda note: note.startswith("已由"))
    winner = won.removesuffix("已认领")
    assert (winner in ("小李", "陈姐"), lost) == (True, f"已由{winner}认领")
