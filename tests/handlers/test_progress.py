"""How far long work is: told in a line, and known to be over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from handlers import progress
from handlers.desk import Desk, Job, Refusal
from models import Backfill, Proof
from tests.factories import make_shop


def test_only_long_work_is_named(desk: Desk) -> None:
    desk.ask_later(Job.DELIVER)
    assert progress.asked(desk) == ""
    desk.ask_later(Job.BACKFILL, 7)
    assert progress.asked(desk).startswith('["backfill"')


def test_a_back_fill_that_stands_is_over_for_whoever_waits(desk: Desk, session: Session) -> None:
    shop = make_shop(session)
    start = desk.now - timedelta(days=1)
    row = Backfill(shop_id=shop.id, start_at=start, end_at=desk.now, done_to=start, asked_at=desk.now, asked_by=None)
    session.add(row)
    session.flush()
    desk.ask_later(Job.BACKFILL, row.id)
    work = progress.asked(desk)
    assert not progress.look(desk, work).over
    row.problem = "店铺授权已过期"
    session.flush()
    now = progress.look(desk, work)
    assert (now.over, "店铺授权已过期" in now.words, now.subject) == (True, True, "")


def test_a_proof_from_before_the_question_answers_nothing(desk: Desk, session: Session) -> None:
    shop, day = make_shop(session), date(2025, 12, 21)
    desk.ask_later(Job.PROVE, day.isoformat(), shop.slug, 0)
    work = progress.asked(desk)
    for at, over in ((desk.now - timedelta(minutes=1), False), (desk.now, True)):
        session.add(Proof(shop_id=shop.id, day=day, state="green", proved_at=at))
        session.flush()
        assert progress.look(desk, work).over is over
    assert progress.look(desk, work).subject == "proof:20251221"


def test_a_batch_that_is_gone_is_said_to_be(desk: Desk) -> None:
    desk.ask_later(Job.RUN_BATCH, 999)
    with pytest.raises(Refusal):
        progress.look(desk, progress.asked(desk))
