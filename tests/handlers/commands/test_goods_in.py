"""入库: so many more."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers import commands, due, watch
from handlers.desk import Desk, Refusal
from handlers.views import StockView
from models import Stock, StockLevel
from tests.cast import Cast
from tests.factories import NOW, make_order, make_stock, typed

SKU = "QH-CUP-RED"


@pytest.mark.parametrize("words", [f"入库 {SKU} 20", f"入库 {SKU.lower()} 20件", f"入库 {SKU} +20", f"入库 {SKU}×20"])
def test_it_adds_to_what_is_there_and_releases(desk: Desk, session: Session, cast: Cast, words: str) -> None:
    make_stock(session, SKU, 0)
    order = make_order(session)
    watch.watch(desk, [order.id])

    view = commands.run(desk, typed(words), cast.zhaojie)

    assert isinstance(view, StockView)
    assert view.note == "赵姐入库 20 件，现有 20 件，缺货的订单按发货期限先后自动放行"
    commands.run(desk, typed(f"入库 {SKU} 5"), cast.zhaojie)
    session.expire_all()
    assert session.get_one(Stock, SKU).on_hand == 25
    due.look(desk)
    session.expire_all()
    assert order.lock_reason == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [("入库", "请发：入库 SKU 件数"), (f"入库 {SKU}", "看不懂"), ("入库 NONE-1 3", "没有 SKU「NONE-1」"),
     (f"入库 {SKU} 0", "0 件不对")],
)  # fmt: skip
def test_what_makes_no_sense_says_what_to_write(desk: Desk, session: Session, cast: Cast, words: str, why: str) -> None:
    make_stock(session, SKU, 0)
    with pytest.raises(Refusal, match=why):
        commands.run(desk, typed(words), cast.zhaojie)


def test_what_an_erp_counts_is_taken_in_there_and_others_may_not(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 0)
    with pytest.raises(Refusal, match="改库存由采购操作"):
        commands.run(desk, typed(f"入库 {SKU} 2"), cast.xiaoli)
    session.add(
        StockLevel(sku=SKU, source="jst", warehouse="", on_hand=0, held=0, incoming=0, net=False, updated_at=NOW)
    )
    session.flush()
    with pytest.raises(Refusal, match="请在那里入库"):
        commands.run(desk, typed(f"入库 {SKU} 2"), cast.zhaojie)
