"""How urgent a message is follows from what it is about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from handlers import opening, owe
from handlers.desk import Desk
from handlers.matter import Opening
from models import Case, Notification, Order, Role, SentCard, Urgency
from models.stages import Stage
from tests.bot.conftest import an_order

HOUR = timedelta(hours=1)


def owed(desk: Desk) -> list[Urgency]:
    desk.session.flush()
    rows = desk.session.scalars(select(Notification.urgency).order_by(Notification.id))
    return [Urgency(row) for row in rows]


def opened(desk: Desk, kind: str, order: Order | None = None, role: Role = Role.SERVICE) -> list[Urgency]:
    order_id = order.id if order is not None else None
    opening.open_many(desk, [Opening(kind, "缺区县", role, order_id, group_key="" if order else "x")])
    return owed(desk)


@pytest.mark.parametrize(
    ("kind", "ship_by", "expected"),
    [
        ("refund_preship", 40 * HOUR, Urgency.ALERT),
        ("address_vague", 40 * HOUR, Urgency.CARD),
        ("address_vague", HOUR, Urgency.ALERT),
        ("address_vague", -HOUR, Urgency.ALERT),
        ("refund_preship", None, Urgency.CARD),
        ("writeback_fail", 4 * HOUR, Urgency.ALERT),
        ("writeback_fail", 5 * HOUR, Urgency.CARD),
    ],
)
def test_a_penalty_that_comes_near_is_an_alert(
    desk: Desk, kind: str, ship_by: timedelta | None, expected: Urgency
) -> None:
    order = an_order(desk.session, ship_by_at=desk.now + ship_by if ship_by is not None else None)
    assert opened(desk, kind, order) == [expected]


def test_an_order_that_left_has_no_last_hour(desk: Desk) -> None:
    order = an_order(desk.session, ship_by_at=desk.now - HOUR, stage=Stage.DONE)
    assert opened(desk, "parcel_stuck", order) == [Urgency.CARD]


def test_a_matter_without_an_order_is_a_new_matter(desk: Desk) -> None:
    assert opened(desk, "ship_jam", role=Role.SUPERVISOR) == [Urgency.CARD]


def test_a_reminder_about_a_deadline_is_an_alert_any_other_an_answer(desk: Desk) -> None:
    order = an_order(desk.session, ship_by_at=desk.now + HOUR)
    opening.open_many(desk, [Opening("address_vague", "缺区县", Role.SERVICE, order.id)])
    case_id = desk.session.scalars(select(Case.id)).one()
    owe.owe(desk, [owe.note("a", 1, f"case:{case_id}", "到时间了"), owe.note("b", 1, "draft:3", "过期了")])
    assert owed(desk)[1:] == [Urgency.ALERT, Urgency.ANSWER]


def test_what_somebody_asked_for_is_an_answer_whatever_it_is_about(desk: Desk) -> None:
    order = an_order(desk.session, ship_by_at=desk.now + HOUR)
    opening.open_many(desk, [Opening("address_vague", "缺区县", Role.SERVICE, order.id)])
    case_id = desk.session.scalars(select(Case.id)).one()
    for number, body in enumerate(({"card": "{}"}, {"card_sealed": "x"}, {"sealed": "x"})):
        owe.owe(desk, [owe.Owed(f"answer:{number}", "staff", "card", f"case:{case_id}", "1", body)])
    assert owed(desk)[1:] == [Urgency.ANSWER] * 3


def test_an_edit_comes_behind_but_the_pressed_card_answers_its_presser(desk: Desk) -> None:
    pressed: dict[str, Any] = {"task_id": "t", "response_code": "c"}
    owe.owe(desk, [owe.edit(1, 2), owe.order_edit(5, 2), owe.Owed("press:m", "staff", "edit", "case:1", body=pressed)])
    assert owed(desk) == [Urgency.EDIT, Urgency.EDIT, Urgency.ANSWER]


def test_edits_of_many_orders_are_edits(desk: Desk) -> None:
    order = an_order(desk.session)
    desk.session.add(
        SentCard(channel="wecom_app", recipient="x", task_id="t", subject=f"order:{order.id}", revision=0,
                 sent_at=desk.now)
    )  # fmt: skip
    desk.session.flush()
    owe.order_edits(desk, [order.id])
    assert owed(desk) == [Urgency.EDIT]


def test_a_summary_says_so_itself(desk: Desk) -> None:
    order = an_order(desk.session, ship_by_at=desk.now + HOUR)
    opening.open_many(desk, [Opening("address_vague", "缺区县", Role.SERVICE, order.id)])
    case_id = desk.session.scalars(select(Case.id)).one()
    owe.owe(desk, [owe.Owed("d", "group", "text", f"case:{case_id}", body={"text": "日报"}, urgency=Urgency.DIGEST)])
    assert owed(desk)[1:] == [Urgency.DIGEST]


def test_a_customers_message_is_no_alert(desk: Desk) -> None:
    order = an_order(desk.session, ship_by_at=desk.now + HOUR)
    opening.open_many(desk, [Opening("address_vague", "缺区县", Role.SERVICE, order.id)])
    case_id = desk.session.scalars(select(Case.id)).one()
    owe.owe(desk, [owe.Owed("c", "customer", "text", f"case:{case_id}", "o", {"text": "好"})])
    assert owed(desk)[1:] == [Urgency.ANSWER]


def test_one_look_at_the_deadlines_for_all_and_none_where_no_matter_is_told(desk: Desk) -> None:
    orders = [an_order(desk.session, number, ship_by_at=desk.now + HOUR) for number in range(1, 21)]
    statements: list[str] = []
    connection = desk.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
    opening.open_many(desk, [Opening("address_vague", "缺区县", Role.SERVICE, order.id) for order in orders])
    looks = [one for one in statements if "ship_by_at" in one and one.lstrip().startswith("SELECT")]
    assert len(looks) == 1
    statements.clear()
    owe.owe(desk, [owe.edit(number, 2) for number in range(1, 21)])
    assert len(statements) == 1


def test_an_order_that_breaks_other_code_is_told_of_all_the_same(desk: Desk) -> None:
    order = an_order(desk.session, ship_by_at=desk.now + HOUR, stage="nonsense")
    assert opened(desk, "look_failed", order, Role.SUPERVISOR) == []
    opening.open_many(desk, [Opening("address_vague", "缺区县", Role.SERVICE, order.id)])
    assert owed(desk) == [Urgency.CARD]
