"""docs/catalogue.md, the table behind it, and the registry say the same."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from config_orders import Stale
from handlers.desk import Desk
from handlers.kinds import LEAD, kind_of, steps_of
from models.people import Role
from operators.catalogue import BESIDE, DOC, LINES, Line, differs, filled, unplaced
from tests.cast import hire_all
from tests.factories import make_order, make_stock
from tests.handlers.rulebook.office import cases, live, look, rule


def test_all_forty_lines_are_there() -> None:
    assert [line.number for line in LINES] == list(range(1, 41))
    assert len({line.code for line in LINES}) == 40


def test_every_kind_has_its_line_or_stands_beside_them() -> None:
    assert unplaced() == [], "add it to a line of LINES, or to BESIDE, in operators/catalogue.py"
    for slug in (*BESIDE, *(slug for line in LINES for slug in line.kinds)):
        assert kind_of(slug).title


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.code)
def test_what_is_otherwise_says_why(line: Line) -> None:
    found = differs(line)
    assert not found or line.why, f"{line.code} differs in {found}, and says no reason"
    assert line.seen or not line.kinds


@pytest.mark.parametrize(
    "line", [line for line in LINES if line.up is Role.WAREHOUSE and line.kinds], ids=lambda line: line.code
)
def test_where_the_warehouse_hears_next_its_lead_does(line: Line) -> None:
    kind = kind_of(line.kinds[0])
    told = [target for step in steps_of(line.kinds[0], Stale()) for target in step["tell"]]
    assert kind.role is Role.WAREHOUSE or f"{LEAD}warehouse" in told


def test_the_page_is_as_the_code_is() -> None:
    text = DOC.read_text(encoding="utf-8")
    assert filled(text) == text, "run `python -m operators.catalogue`"


def test_the_rule_that_the_page_offers_beside_finance_review_locks_tables_and_gifts(
    desk: Desk, session: Session
) -> None:
    chenjie = hire_all(session).chenjie
    make_stock(session, "QH-CUP-RED", 99)
    (finance,) = (line for line in LINES if line.code == "FIN_REVIEW")
    offered = re.search(r"`(规则 新增 [^`]+)`", finance.why)
    assert offered is not None
    made = rule(desk, offered[1], chenjie)
    rule(desk, f"规则 启 {made.rule_id}", chenjie)
    table, gift = make_order(session, platform="sheet"), make_order(session, kind="gift", paid_fen=0)
    usual = make_order(session)

    look(desk)

    assert live(session, made) == {table.id, gift.id}
    assert {case.role for case in cases(session, made)} == {"supervisor"}
    for order in (table, gift, usual):
        session.refresh(order)
    assert [bool(order.lock_reason) for order in (table, gift, usual)] == [True, True, False]
