"""What the customer hears of each kind of matter: every kind is one of three, and nothing is in two places."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import watch
from handlers.customers import fields, manners, matters
from handlers.customers.events import EVENTS
from handlers.desk import Desk
from handlers.kinds import OTHERS, kind_of
from handlers.owe import owe_customers, solved_message
from models import Notification
from rules import RULES
from tests.factories import make_case, make_customer, make_order

KINDS = (*RULES, *OTHERS)
DOC = Path(__file__).parents[3] / "docs" / "customers.md"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_its_customer_hears_or_why_nothing(kind: str) -> None:
    told = matters.of(kind)
    assert told.words
    assert told.event in {"", *EVENTS}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind_of(kind).customer])
def test_words_of_its_own_stand_in_no_other_table_and_fit_every_template(kind: str) -> None:
    assert kind not in matters.ELSEWHERE
    assert kind not in matters.SILENT
    assert fields.complaint("phrase1", kind_of(kind).customer) == ""


def test_nothing_is_in_two_tables_or_of_a_kind_that_there_is_not() -> None:
    assert not matters.ELSEWHERE.keys() & matters.SILENT.keys()
    assert matters.ELSEWHERE.keys() | matters.SILENT.keys() <= set(KINDS)


def test_the_page_shows_the_table_that_holds() -> None:
    assert matters.table(matters.every()) in DOC.read_text()


@pytest.mark.parametrize(("kind", "kept"), [("parcel_stuck", None), ("address_vague", manners.OVER)])
def test_what_is_solved_of_a_parcel_is_told_though_it_has_left(
    desk: Desk, session: Session, kind: str, kept: str | None
) -> None:
    make_customer(session)
    one = make_order(session, stage="done", stage_entered_at=desk.now)
    case = make_case(session, one, kind=kind, state="solved")
    owe_customers(desk, [solved_message(desk, case.id, (1, one.buyer_key, one.external_id), "已处理")])
    row = session.scalars(select(Notification)).one()

    found = manners.kept_back(desk, row)

    assert (found.why if found else None) == kept


@pytest.mark.parametrize("kind", ["message_todo", "courier_promise", "invoice"])
def test_a_wish_that_is_written_no_more_was_not_fulfilled(desk: Desk, session: Session, kind: str) -> None:
    """Nobody did anything: the memo was cleared."""
    make_customer(session)
    one = make_order(session)
    case = make_case(session, one, kind=kind, blocks=False, evidence={"mark": "x"})

    watch.watch(desk, [one.id])

    session.refresh(case)
    assert case.state in ("solved", "dismissed")
    assert session.scalars(select(Notification).where(Notification.channel == "customer")).all() == []
