"""缺货: one card for each SKU that is short, which follows its orders and ends with the last of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import due, show, stock, watch
from handlers.desk import Desk
from handlers.shortage import matters
from handlers.views import CaseView
from models import Case, Notification, Order, Stock, TrailRow, Urgency
from tests.cast import Cast, hire_all
from tests.factories import make_case, make_line, make_order, make_stock

SKU = "QH-CUP-RED"
HOUR = timedelta(hours=1)


def short_of(session: Session, many: int, sku: str = SKU, **changes: object) -> list[Order]:
    return [make_order(session, lines=[make_line(sku, quantity=2)], **changes) for _ in range(many)]  # type: ignore[arg-type]


def look_at(desk: Desk, orders: list[Order]) -> None:
    watch.watch(desk, [order.id for order in orders])
    desk.session.expire_all()


def cases(session: Session, kind: str = "shortage", *states: str) -> list[Case]:
    session.expire_all()
    found = session.scalars(select(Case).where(Case.kind == kind).order_by(Case.id))
    return [one for one in found if one.state in (states or ("open", "claimed"))]


def told(session: Session, purpose: str = "card") -> list[str]:
    found = session.scalars(select(Notification).where(Notification.purpose == purpose).order_by(Notification.id))
    return [f"{row.channel}:{row.recipient} {row.subject}" for row in found]


def test_many_orders_are_one_card_for_purchasing_and_each_is_locked_by_itself(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, SKU, 1)
    orders = [*short_of(session, 2, ship_by_at=desk.now + 30 * HOUR), *short_of(session, 1)]

    look_at(desk, orders)

    (one,) = cases(session)
    assert (one.order_id, one.group_key, one.role, one.blocks) == (None, SKU, "purchasing", False)
    assert one.reason == f"马克杯 红色（{SKU}）缺 5 件：3 单要 6 件，可用 1 件"
    assert one.evidence["orders"] == 3
    assert one.evidence["tags"] == [order.tag for order in orders]
    assert set(told(session)) == {f"group: case:{one.id}", f"staff:{cast.zhaojie.staff_id} case:{one.id}"}
    assert [order.lock_reason for order in orders] == [f"缺货：马克杯（{SKU}）要 2，可用 {left}" for left in (1, 0, 0)]
    assert len(cases(session, "short_stock")) == 3
    assert all(own.due_at is None for own in cases(session, "short_stock")), "it goes up no ladder of its own"


def test_the_card_tells_orders_money_the_first_deadline_and_what_to_answer(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, SKU, 0)
    orders = short_of(session, 6, paid_fen=5000)
    orders[5].ship_by_at = desk.now + 3 * HOUR
    look_at(desk, orders)
    (one,) = cases(session)

    view = show.show(desk, f"case:{one.id}", cast.zhaojie)

    assert isinstance(view, CaseView)
    assert (view.title, view.total, view.paid_fen, view.ship_by_at) == ("缺货", 6, 30000, desk.now + 3 * HOUR)
    assert "什么时候到货？请采购回复" in view.lines[0]
    assert view.lines[1] == f"{orders[5].tag} 要 2 件，12-22 13:00 前发"
    assert len(view.lines) == 6


def test_it_follows_as_orders_come_and_go_in_silence_and_ends_by_itself(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, SKU, 0)
    first, *rest = short_of(session, 2)
    look_at(desk, [first, *rest])
    before = len(told(session))
    (one,) = cases(session)

    look_at(desk, short_of(session, 1))
    due.look(desk)
    (one,) = cases(session)
    assert one.reason.startswith(f"马克杯 红色（{SKU}）缺 6 件：3 单")
    assert f"staff: case:{one.id}" in told(session, "edit")
    first.effect = "cancelled"
    look_at(desk, [first])
    due.look(desk)
    assert "缺 4 件：2 单" in cases(session)[0].reason
    assert len(told(session)) == before, "its one card follows"

    stock.count(desk, SKU, 10)
    due.look(desk)

    assert cases(session) == cases(session, "short_stock") == []
    (ended,) = cases(session, "shortage", "solved")
    trail = select(TrailRow.action).where(TrailRow.subject == f"case:{ended.id}").order_by(TrailRow.id)
    assert session.scalars(trail).all() == ["异常", "异常解除"]


def test_two_skus_are_two_cards_and_an_order_short_of_both_is_on_both(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 0)
    make_stock(session, "B", 0)
    both = make_order(session, lines=[make_line("A"), make_line("B")])
    look_at(desk, [both, *short_of(session, 1, "B")])

    assert [(one.group_key, one.evidence["orders"]) for one in cases(session)] == [("A", 1), ("B", 2)]


def test_goods_that_come_after_the_first_deadline_are_urgent_and_told_once_more(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, SKU, 0)
    look_at(desk, short_of(session, 1))
    before = len(told(session))
    session.execute(update(Stock).values(incoming=20, incoming_at=desk.now + 72 * HOUR))

    due.look(desk)
    due.look(desk)

    (one,) = cases(session)
    assert "在途 20 件，预计 12-25 到货，赶不上最早的发货期限" in one.reason
    view = show.show(desk, f"case:{one.id}", cast.zhaojie)
    assert isinstance(view, CaseView)
    assert view.severity == "P1"
    again = told(session)[before:]
    assert sorted(again) == sorted(
        [f"group: case:{one.id}", *(f"staff:{who.staff_id} case:{one.id}" for who in (cast.zhaojie, cast.chenjie))]
    )
    urgent = select(Notification.urgency).where(Notification.dedupe_key.like("%late%"))
    assert set(session.scalars(urgent)) == {Urgency.ALERT}


def test_an_order_that_was_short_before_there_was_such_a_matter_gets_one(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, SKU, 0)
    (order,) = short_of(session, 1)
    make_case(session, order, kind="short_stock", role="purchasing", evidence={"skus": [SKU], "mark": f"{SKU}x2"})

    due.look(desk)

    assert [one.group_key for one in cases(session)] == [SKU]


def test_a_matter_that_somebody_holds_is_not_waited_for_and_not_opened_twice(
    sessions: sessionmaker[Session], settings: Settings, now: datetime
) -> None:
    with sessions() as session:
        hire_all(session)
        make_stock(session, SKU, 0)
        look_at(Desk(session, now, settings), short_of(session, 1))
        session.commit()
    with sessions() as holder, sessions() as session:
        holder.execute(text("UPDATE cases SET revision = revision + 1 WHERE kind = 'shortage'"))
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        session.execute(text("UPDATE stock SET incoming = 5"))  # so that its card would follow
        matters.refresh(Desk(session, now, settings))
        assert [one.evidence["incoming"] for one in cases(session)] == [0]
