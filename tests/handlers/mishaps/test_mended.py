"""36: which reship ends which matter: one that was begun for it, and that really goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import commands, due, watch
from handlers.cases import solve
from handlers.desk import Desk
from handlers.trail import verify
from models import Case, Notification, Order, OrderLink
from tests.cast import Cast, hire_all
from tests.factories import NOW, make_case, make_customer, make_order, typed
from tests.handlers.mishaps.test_registering import cases, sent


def reship_of(session: Session, original: Order, **changes: Any) -> Order:
    made = make_order(session, kind="reship", **changes)
    session.add(OrderLink(order_id=made.id, original_order_id=original.id, kind="reship", at=NOW))
    session.flush()
    return made


def register(desk: Desk, order: Order, words: str, cast: Cast) -> None:
    commands.run(desk, typed(f"登记 {order.tag} {words}", is_group=False), cast.xiaoli)


def heard(session: Session) -> list[str]:
    rows = session.scalars(select(Notification).where(Notification.channel == "customer"))
    return [row.body["values"]["result"] for row in rows]


def ends(session: Session) -> list[tuple[str, str]]:
    return [(case.state, case.solution) for case in cases(session)]


@pytest.mark.parametrize(
    "changes",
    [{"seller_memo": "放门口"}, {"stage": "done", "effect": "shipped"}, {"stage": "cancelled", "effect": "cancelled"}],
)
def test_an_older_reship_ends_no_newer_matter(
    desk: Desk, session: Session, cast: Cast, changes: dict[str, str]
) -> None:
    make_customer(session)
    order = sent(session)
    made = reship_of(session, order)
    watch.arrived(desk, [made.id])
    desk.now = NOW + timedelta(hours=3)
    register(desk, order, "破损 另一个杯子碎了", cast)
    for name, value in changes.items():
        setattr(made, name, value)
    session.flush()
    watch.arrived(desk, [made.id])
    assert ends(session) == [("open", "")]
    assert heard(session) == []


def test_what_is_told_after_the_reship_was_begun_keeps_the_matter_open(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = sent(session)
    register(desk, order, "少件 1 个", cast)
    made = reship_of(session, order)
    desk.now = NOW + timedelta(hours=1)
    register(desk, order, "还有一个碎了", cast)
    watch.arrived(desk, [made.id])
    assert ends(session) == [("open", "")]


def test_a_reship_that_was_cancelled_mends_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    register(desk, order, "破损", cast)
    watch.arrived(desk, [reship_of(session, order, stage="cancelled", effect="cancelled").id])
    assert ends(session) == [("open", "")]


def test_one_that_waits_for_the_supervisor_mends_when_it_is_let_go(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    order = sent(session)
    register(desk, order, "破损", cast)
    made = reship_of(session, order)
    check = make_case(session, made, kind="resend_check", role="supervisor", reason="已补发过 1 次")
    watch.arrived(desk, [made.id])
    assert ends(session) == [("open", "")]
    assert heard(session) == []
    solve(desk, check.id, cast.chenjie, "同意补发")
    assert ends(session) == [("solved", f"已补发 {made.tag}")]
    assert "售后已处理" in heard(session)


def test_two_reships_of_one_matter_end_it_once(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    order = sent(session)
    register(desk, order, "破损", cast)
    first, second = reship_of(session, order), reship_of(session, order)
    watch.arrived(desk, [second.id, first.id])
    assert ends(session) == [("solved", f"已补发 {first.tag}")]
    assert heard(session) == ["售后已处理"]


def test_the_trail_stays_whole_with_both_orders_in_one_look(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    register(desk, order, "少件 1 个", cast)
    made = reship_of(session, order)
    order.after_sale = "商品破损"  # what is noted of the original in the same look
    order.stage, order.effect = "pending_ship", "shipped"
    session.flush()
    watch.arrived(desk, [order.id, made.id])
    assert verify(session, f"order:1:{order.external_id}")
    assert verify(session, f"order:1:{made.external_id}")


def test_an_original_that_somebody_holds_is_come_back_to(sessions: sessionmaker[Session], settings: Settings) -> None:
    with sessions() as session:
        cast = hire_all(session)
        order = sent(session)
        made = reship_of(session, order)
        register(Desk(session, NOW, settings), order, "少件 1 个", cast)
        ids, subject = (order.id, made.id), f"order:{order.shop_id}:{order.external_id}"
        session.commit()
    with sessions() as person, sessions() as worker:
        person.execute(text("SELECT FROM orders WHERE id = :id FOR NO KEY UPDATE"), {"id": ids[0]})
        watch.arrived(Desk(worker, NOW, settings), [ids[1]])
        worker.commit()
        assert [case.state for case in cases(worker)] == ["open"]
    with sessions() as session:
        due.look(Desk(session, NOW + timedelta(minutes=2), settings))
        session.commit()
        assert session.scalars(select(Case.state).where(Case.kind == "wrong_goods")).all() == ["solved"]
        assert verify(session, subject)
