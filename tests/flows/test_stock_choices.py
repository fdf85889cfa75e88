"""What people decide about goods that are short becomes true of the order, at its platform too."""

from __future__ import annotations

import re

from models import Order
from models.case import short_code
from tests.flows.house import House

CUP, BOWL = "QH-CUP-RED", "QH-BOWL-4"
FIRST, SECOND = "YT1234567890123", "YT1234567890999"


def decide(house: House, what: str) -> str:
    """Service decides of all orders that are short of the cup, and says yes to the question."""
    (one,) = house.cases("shortage", "open", "claimed")
    asked = house.ask("xiaoli", f"{short_code(one.id)} {what}")
    batch = re.search(r"批\d+", asked)
    assert batch is not None, asked
    return house.ask("xiaoli", f"{batch[0]} 确认")


def send(house: House, order: Order, waybill: str) -> str:
    house.ask("xiaoli", f"审核 {order.tag}")
    house.ask("laowang", f"配货 {order.tag}")
    return house.ask("laowang", f"发货 {order.tag} 圆通 {waybill}")


def reread(house: House, order: Order) -> Order:
    house.move(minutes=10)
    house.pull("taobao")
    house.look()
    return house.order(order.external_id)


def test_what_is_here_leaves_first_and_the_platform_hears_of_both_parcels(house: House) -> None:
    placed = house.order_in("taobao", lines=[(CUP, 1), (BOWL, 1)])
    house.pull("taobao")
    house.ask("zhaojie", f"库存 {CUP} 0")
    house.ask("zhaojie", f"库存 {BOWL} 5")
    house.look()
    order = house.order(placed.id)
    assert "缺货" in order.lock_reason

    assert "1 单" in decide(house, "拆单先发")
    house.move(minutes=2)
    assert "已先发一部分" in send(house, order, FIRST)
    assert [line.waybill for line in placed.lines] == ["", FIRST]
    order = reread(house, order)
    assert (order.stage, order.effect, order.waybill) == ("pending_review", "admit", FIRST)
    assert "缺货" in order.lock_reason

    house.ask("zhaojie", f"入库 {CUP} 1")
    house.look()
    assert "已发货" in send(house, order, SECOND)
    assert [line.waybill for line in placed.lines] == [SECOND, FIRST]
    order = reread(house, order)
    assert (order.stage, order.effect) == ("done", "shipped")
    assert set(order.waybill.split(",")) == {FIRST, SECOND}
    assert not house.cases("shipped_on_platform")
    said = ["缺货拆单先发", "部分发货", "发货"]
    assert [one for one in house.actions(order) if one in said] == said
    assert house.complaints() == []
