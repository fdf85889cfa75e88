"""A table of stock that comes the way in which tables of orders come."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Shop
from handlers.desk import Actor, Desk, Refusal
from handlers.received import received, report
from models import Notification, Received, Stock
from models.received import State
from tests.cast import Cast
from tests.factories import make_shop, make_stock
from workers import receiving

TABLE = "商家编码,现有\nQH-CUP-RED,40\nQH-BOWL-4,若干\n".encode()


@pytest.fixture(autouse=True)
def inbox(desk: Desk, session: Session) -> None:
    inbox = Shop(slug="xls", platform="sheet", prefix="XLS", name="表格订单")
    desk.settings = desk.settings.model_copy(update={"shops": (*desk.settings.shops, inbox)})
    make_shop(session, slug="xls", platform="sheet", prefix="XLS", name="表格订单")
    make_stock(session, "QH-CUP-RED", 3)


def handed(desk: Desk, by: Actor, content: bytes = TABLE) -> Received:
    number = received.hand_in(desk, by, "盘点.csv", content)
    file = desk.session.get_one(Received, number)
    receiving.look(desk, file)
    return file


def on_hand(session: Session) -> int:
    session.expire_all()
    return session.scalars(select(Stock.on_hand).where(Stock.sku == "QH-CUP-RED")).one()


def told(session: Session) -> list[str]:
    found = session.scalars(select(Notification).where(Notification.purpose == "text").order_by(Notification.id))
    return [one.body["text"] for one in found]


def test_purchasing_counts_by_a_table_and_may_send_it_again(desk: Desk, session: Session, cast: Cast) -> None:
    file = handed(desk, cast.zhaojie)
    assert (file.kind, file.state, on_hand(session)) == ("stock", State.DONE, 40)
    (said,) = told(session)
    assert said.startswith("「盘点.csv」库存已更新：1 个有变化，0 个没有变\n1 行没有读懂：第 3 行 QH-BOWL-4")
    assert file.report is not None
    assert report.counted(file.report) == file.report["said"]

    again = handed(desk, cast.zhaojie)

    assert again.state == State.DONE
    assert "0 个有变化，1 个没有变" in told(session)[-1]


def test_others_may_not(desk: Desk, session: Session, cast: Cast) -> None:
    file = handed(desk, cast.xiaoli)
    assert (file.state, on_hand(session)) == (State.REFUSED, 3)
    assert "导入库存由采购操作，可以请赵姐发来" in told(session)[-1]


ORDERS = "订单号,商家编码,数量,收件人,电话,地址\n1,QH-CUP-RED,2,王小明,13800001234,浙江省杭州市西湖区1号\n".encode()


def test_a_table_of_orders_goes_its_own_way(desk: Desk, session: Session, cast: Cast) -> None:
    assert handed(desk, cast.xiaoli, ORDERS).kind == "sheet"
    assert on_hand(session) == 3


def test_purchasing_hands_in_no_orders_and_the_warehouse_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    assert handed(desk, cast.zhaojie, ORDERS).state == State.REFUSED
    assert "导入订单由客服操作" in told(session)[-1]
    with pytest.raises(Refusal, match="导入订单由客服操作，您是仓库"):
        handed(desk, cast.laowang)
