"""A table of stock that somebody hands in."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.desk import Desk, Refusal
from handlers.received import stock_sheet
from models import Stock, TrailRow
from tests.cast import Cast
from tests.factories import make_stock

TABLE = [
    ["12 月 22 日盘点", "", ""],
    ["商家编码", "名称", "现有"],
    ["A", "杯子", "40"],
    ["'B", "碗", "１,２００.0 件"],
    ["A", "杯子（二仓）", "2"],
    ["", "", ""],
    ["C", "盘子", "若干"],
    ["", "勺子", "3"],
    ["D"],
]


def test_the_two_columns_are_found_wherever_they_stand() -> None:
    table = stock_sheet.read(TABLE)
    assert table.counts == {"A": 42, "B": 1200}
    assert table.problems == [(7, "C 的数量看不懂：若干"), (8, "没有商家编码"), (9, "D 的数量看不懂：空")]
    assert stock_sheet.is_stock(TABLE)


def test_a_table_of_orders_is_none_of_stock() -> None:
    assert not stock_sheet.is_stock([["订单编号", "商家编码", "数量"], ["1", "A", "2"]])
    assert not stock_sheet.is_stock([["SKU", "价格"]])
    assert not stock_sheet.is_stock([])
    with pytest.raises(Refusal, match="「商家编码」和「现有」"):
        stock_sheet.read([["SKU", "价格"]])


@pytest.mark.parametrize(
    "headings",
    [
        ("姓名", "电话", "地址", "货号", "数量"),
        ("收货人", "手机", "收货地址", "商品名称", "SKU", "数量"),
        ("交易编号", "收货人", "商家编码", "数量"),
        ("客户姓名*", "货号", "数量"),
        ("省", "货号", "数量"),
        ("买家昵称", "货号", "数量"),
        ("下单日期", "货号", "数量"),
        ("状态", "货号", "数量"),
    ],
)
def test_orders_with_a_column_of_codes_are_never_taken_for_stock(headings: tuple[str, ...]) -> None:
    assert not stock_sheet.is_stock([headings, ["QH-CUP-RED"] * len(headings)])


def test_a_phone_under_a_heading_that_nobody_knows_makes_it_no_stock() -> None:
    assert not stock_sheet.is_stock([["找谁", "联络", "货号", "数量"], ["王小明", "138 0000 1234", "A", "2"]])
    assert stock_sheet.is_stock([["货号", "条码", "数量"], ["A", "6901234567892", "2"]])


def test_rows_that_sum_up_are_left_out() -> None:
    table = stock_sheet.read([["商家编码", "库存"], ["A", "3"], ["合 计：", "3"], ["", "3"], ["总计", "3"]])
    assert (table.counts, table.problems) == ({"A": 3}, [(4, "没有商家编码")])


def test_it_is_counted_kept_in_the_trail_and_said(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "A", 40)
    make_stock(session, "B", 1200)
    make_stock(session, "Z", 7)

    said = stock_sheet.take_in(desk, stock_sheet.read(TABLE), cast.zhaojie)

    session.expire_all()
    assert {row.sku: row.on_hand for row in session.scalars(select(Stock))} == {"A": 42, "B": 1200, "Z": 7}
    assert said.startswith("库存已更新：1 个有变化，1 个没有变\n3 行没有读懂：第 7 行 C")
    (noted,) = session.scalars(select(TrailRow).where(TrailRow.subject == "stock"))
    assert (noted.action, noted.actor) == ("导入库存", "赵姐")
    assert '"A"' in noted.detail
