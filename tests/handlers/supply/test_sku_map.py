"""货品未匹配: one matter per platform SKU, mapped once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from handlers import commands, due, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.views import TextView
from models import Case, Erp, Order, OrderLine, SkuMap
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_line, make_order, make_stock, typed

PLATFORM_SKU = "4900000000777"


def unmapped(session: Session, code: str = "", **changes: Any) -> Order:
    return make_order(session, lines=[make_line(code, platform_sku=PLATFORM_SKU)], **changes)


def cases(session: Session, *states: str) -> list[Case]:
    session.expire_all()
    found = select(Case).where(Case.kind == "sku_unmapped").order_by(Case.id)
    return [case for case in session.scalars(found) if not states or case.state in states]


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words), actor)
    desk.session.expire_all()
    return view.text if isinstance(view, TextView) else ""


def line_of(session: Session, order: Order) -> str:
    return session.scalars(select(OrderLine.sku).where(OrderLine.order_id == order.id)).one()


def test_many_orders_of_one_sku_are_one_matter_and_all_are_locked(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    orders = [unmapped(session) for _ in range(3)]

    watch.watch(desk, [order.id for order in orders])
    due.look(desk)

    (case,) = cases(session)
    assert case.order_id is None
    assert case.reason == f"马克杯（平台 SKU {PLATFORM_SKU}）没有商家编码，请发：映射 {PLATFORM_SKU} 商家编码，3 单在等"
    assert all("货品未匹配" in order.lock_reason for order in orders)


def test_mapped_once_all_are_looked_at_again_and_later_ones_match_by_themselves(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_stock(session, "A", 50)
    first = unmapped(session)
    watch.watch(desk, [first.id])

    said = say(desk, f"映射 {PLATFORM_SKU} a", cast.xiaoli)

    assert "1 单稍后自动重新核对" in said
    assert cases(session, "open") == []
    assert (line_of(session, first), first.recheck_at) == ("A", desk.now)
    watch.watch(desk, [first.id])
    later = unmapped(session)
    watch.watch(desk, [later.id])
    session.expire_all()
    assert (first.lock_reason, later.lock_reason, line_of(session, later)) == ("", "", "A")
    assert session.get_one(SkuMap, ("taobao", 1, PLATFORM_SKU)).mapped_by == "小李"


def test_a_shops_own_mapping_goes_before_the_platforms(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    make_stock(session, "B", 50)
    for shop_id, sku in ((0, "A"), (2, "B")):
        session.add(
            SkuMap(
                platform="taobao", shop_id=shop_id, platform_sku=PLATFORM_SKU, sku=sku, mapped_by="小李", mapped_at=NOW
            )
        )
    orders = [unmapped(session, shop_id=1), unmapped(session, shop_id=2), unmapped(session, shop_id=2, platform="jd")]

    watch.watch(desk, [order.id for order in orders])

    assert [line_of(session, order) for order in orders] == ["A", "B", ""]


def test_a_wrong_mapping_is_corrected_for_what_is_still_here(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    make_stock(session, "B", 50)
    order, gone = unmapped(session), unmapped(session)
    watch.watch(desk, [order.id, gone.id])
    say(desk, f"映射 {PLATFORM_SKU} A", cast.xiaoli)
    gone.stage = "done"
    session.flush()

    say(desk, f"映射 {PLATFORM_SKU} B", cast.xiaoli)

    assert (line_of(session, order), line_of(session, gone)) == ("B", "A")


def test_the_short_code_and_the_list_do_the_same(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    watch.watch(desk, [unmapped(session).id])
    (case,) = cases(session)

    assert PLATFORM_SKU in say(desk, "映射", cast.xiaoli)
    with pytest.raises(Refusal, match="没有 SKU「Q」"):
        say(desk, f"{short_code(case.id)} 映射 Q", cast.xiaoli)
    say(desk, f"{short_code(case.id)} 映射 A", cast.xiaoli)

    assert cases(session, "open") == []
    assert "没有等待映射" in say(desk, "映射", cast.xiaoli)


def test_who_may_and_what_is_refused(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    with pytest.raises(Refusal, match="由客服、采购操作"):
        say(desk, f"映射 {PLATFORM_SKU} A", cast.laowang)
    with pytest.raises(Refusal, match="没有等待映射的平台 SKU"):
        say(desk, f"映射 {PLATFORM_SKU} A", cast.xiaoli)
    with pytest.raises(Refusal, match="看不懂"):
        say(desk, "映射 1 2 3", cast.xiaoli)
    with pytest.raises(Refusal, match=f"映射 {PLATFORM_SKU} NEW 确认"):
        say(desk, f"映射 {PLATFORM_SKU} NEW", cast.xiaoli)


def test_a_code_that_a_partly_kept_shelf_does_not_know_is_no_matter(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    order = unmapped(session, "Q")

    watch.watch(desk, [order.id])

    assert cases(session) == []


def test_it_is_one_where_an_erp_has_told_all_goods(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    erp = Erp(slug="jst", read_at=NOW)
    session.add(erp)
    session.flush()
    order = unmapped(session, "Q")
    watch.watch(desk, [order.id])
    assert cases(session) == [], "as long as it has not told all, nobody knows"
    erp.stock_at = NOW
    session.flush()

    watch.watch(desk, [order.id])

    (case,) = cases(session)
    assert "商家编码 Q 不在库存里" in case.reason


def test_without_a_shelf_nothing_is_compared(desk: Desk, session: Session, cast: Cast) -> None:
    watch.watch(desk, [unmapped(session).id])
    assert cases(session) == []


def test_a_matter_that_no_order_waits_for_ends(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    order = unmapped(session)
    watch.watch(desk, [order.id])
    order.stage = "cancelled"
    session.flush()

    due.look(desk)

    assert [case.solution for case in cases(session, "solved")] == ["没有订单再等它"]


def test_what_the_shelf_knows_costs_the_way_in_no_statement(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 50)
    order = make_order(session, lines=[make_line("A")])
    statements: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda _c, _u, statement, *_: statements.append(statement))

    watch.watch(desk, [order.id])

    assert not [statement for statement in statements if "sku_map" in statement or "sku_unmapped" in statement]
