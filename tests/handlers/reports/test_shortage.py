from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers.desk import Desk, Refusal
from handlers.views import StockView, TextView
from tests.cast import Cast
from tests.factories import make_line, make_order, make_stock
from tests.handlers.reports.scene import say


def test_what_is_short_comes_first_and_what_is_enough_not_at_all(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, lines=[make_line("A", quantity=5), make_line("B", quantity=1)])
    make_order(session, lines=[make_line("A", quantity=4), make_line("C", quantity=2)])
    make_order(session, stage="done", lines=[make_line("B", quantity=90)])
    for sku, pieces in (("A", 2), ("B", 9), ("C", 1)):
        make_stock(session, sku, pieces)

    view = say(desk, "库存", cast.zhaojie)

    assert isinstance(view, TextView)
    assert view.text.split("\n")[:3] == [
        "**缺货 2 种**", "- A 缺 7 件：可用 2 件，2 单要 9 件", "- C 缺 1 件：可用 1 件，1 单要 2 件",
    ]  # fmt: skip


def test_nothing_is_short(desk: Desk, cast: Cast) -> None:
    view = say(desk, "库存", cast.zhaojie)

    assert isinstance(view, TextView)
    assert view.text.startswith("现在没有缺货的 SKU")


def test_goods_are_found_by_a_part_of_what_they_are_called(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, lines=[make_line("QH-CUP-RED"), make_line("QH-PLATE-8", title="陶瓷餐盘", spec="")])
    make_stock(session, "QH-CUP-BLU", 3)

    one = say(desk, "库存 餐盘", cast.laowang)
    several = say(desk, "库存 cup", cast.laowang)

    assert isinstance(one, StockView)
    assert one.sku == "QH-PLATE-8"
    assert isinstance(several, TextView)
    assert several.text == "**「cup」有 2 种**\n- QH-CUP-BLU\n- QH-CUP-RED\n> 请发：库存 QH-CUP-BLU"
    with pytest.raises(Refusal, match="没有 SKU「%」，也没有叫这个名字的货"):
        say(desk, "库存 %", cast.laowang)
