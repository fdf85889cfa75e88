"""Promise 5: an edit of history is found."""

from __future__ import annotations

import inspect

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from handlers import trail
from handlers.desk import SYSTEM, Desk
from models import Order, TrailRow
from models.trail import content
from tests.cast import Cast
from tests.factories import make_order


def three_rows(desk: Desk) -> tuple[Order, str]:
    order = make_order(desk.session)
    for number in range(3):
        trail.write_order(desk, order.id, actor=SYSTEM, action="备注", detail={"备注": f"第 {number} 条"})
    return order, trail.order_subject(order.shop_id, order.external_id)


def test_a_chain_that_nobody_touched_is_whole(desk: Desk, session: Session) -> None:
    _, subject = three_rows(desk)
    fresh = make_order(session)

    assert trail.verify(session, subject)
    assert trail.verify(session, trail.order_subject(1, fresh.external_id)), "an empty chain is whole"
    assert trail.verify(session, "staff:1")
    assert trail.verify(session, "order:1:404")


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE trail SET detail = replace(detail, '1', '7') WHERE id = (SELECT min(id) + 1 FROM trail)",
        "UPDATE trail SET actor = '老王' WHERE id = (SELECT min(id) FROM trail)",
        "UPDATE trail SET actor_id = 1 WHERE id = (SELECT min(id) FROM trail)",
        "UPDATE trail SET actor_id = 1 WHERE id = (SELECT max(id) FROM trail)",
        "UPDATE trail SET previous = hash WHERE id = (SELECT max(id) FROM trail)",
        "UPDATE trail SET hash = previous WHERE id = (SELECT max(id) FROM trail)",
        "UPDATE trail SET subject = 'order:2:1' WHERE id = (SELECT max(id) FROM trail)",
        "UPDATE trail SET at = at - interval '1 hour' WHERE id = (SELECT max(id) FROM trail)",
        "UPDATE trail SET source = 'web' WHERE id = (SELECT max(id) FROM trail)",
        "UPDATE trail SET action = '审核' WHERE id = (SELECT max(id) FROM trail)",
        "DELETE FROM trail WHERE id = (SELECT min(id) FROM trail)",
        "DELETE FROM trail WHERE id = (SELECT min(id) + 1 FROM trail)",
        "DELETE FROM trail WHERE id = (SELECT max(id) FROM trail)",
        "DELETE FROM trail",
        "INSERT INTO trail (subject, at, actor, source, action, detail, previous, hash) "
        "SELECT subject, at, actor, source, action, detail, hash, hash FROM trail ORDER BY id DESC LIMIT 1",
    ],
)
def test_every_edit_of_history_is_found(desk: Desk, session: Session, edit: str) -> None:
    _, subject = three_rows(desk)

    session.execute(text(edit))

    assert not trail.verify(session, subject)


def test_every_column_of_a_row_is_guarded() -> None:
    guarded = {"subject", "at", "actor", "actor_id", "source", "action", "detail"}
    assert {column.name for column in TrailRow.__table__.columns} == guarded | {"id", "previous", "hash"}
    assert guarded == set(inspect.signature(content).parameters)


def test_nobody_becomes_who_did_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    trail.write_order(desk, order.id, actor=cast.xiaoli, action="审核", detail={})
    subject = trail.order_subject(order.shop_id, order.external_id)
    assert trail.verify(session, subject)

    session.execute(text("UPDATE trail SET actor_id = :other"), {"other": cast.laowang.staff_id})

    assert not trail.verify(session, subject)


def test_a_row_cannot_move_to_another_order(desk: Desk, session: Session) -> None:
    _, subject = three_rows(desk)
    other = make_order(session)
    theirs = trail.order_subject(1, other.external_id)
    session.execute(text("UPDATE trail SET subject = :theirs"), {"theirs": theirs})
    session.execute(text("UPDATE orders SET trail_hash = (SELECT hash FROM trail ORDER BY id DESC LIMIT 1)"))

    assert not trail.verify(session, theirs)
    assert not trail.verify(session, subject)


def test_subjects_without_an_order_have_chains_too(desk: Desk, session: Session, cast: Cast) -> None:
    trail.write(desk, "staff:1", cast.chenjie, action="改角色", detail={"角色": ["客服", "仓库"]})
    trail.write(desk, "staff:1", cast.chenjie, action="停用", detail={})
    assert trail.verify(session, "staff:1")

    session.execute(text("DELETE FROM trail WHERE action = '停用'"))

    assert not trail.verify(session, "staff:1")


def test_entries_are_readable_and_safe_to_show(desk: Desk, session: Session) -> None:
    order = make_order(session)
    detail = {"备注": ["", "打 13800001234"], "单数": 3, "_since": "2025"}
    trail.write_order(desk, order.id, actor=SYSTEM, action="平台更新", detail=detail)

    (entry,), total = trail.entries(session, trail.order_subject(1, order.external_id))

    assert (entry.actor, entry.action, total) == ("系统", "平台更新", 1)
    assert entry.detail == "单数：3；备注：无 → 打 138****1234"
    assert trail.entries(session, "staff:9") == ([], 0)


def test_an_entry_says_refunds_in_words(desk: Desk, session: Session) -> None:
    order = make_order(session)
    trail.write_order(desk, order.id, actor=SYSTEM, action="平台更新", detail={"退款": ["", "asked"]})

    (entry,), _ = trail.entries(session, trail.order_subject(1, order.external_id))

    assert entry.detail == "退款：无 → 买家申请退款"


def test_no_rows_are_no_statement(desk: Desk) -> None:
    trail.insert(desk, [])
