"""What is wrong with an order finds its person, holds the order, lets it go again, and the customer hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

import handlers.stock
from models import Order, WriteBack
from models.case import short_code
from sandbox.chat_store import Message
from tests.flows.chats import shown
from tests.flows.house import CUSTOMER, Ground, House, each_market, open_house

WAYBILL = "SF1234567890123"
SKU = "QH-CUP-RED"


@pytest.fixture
def stocked(ground: Ground, chat: str) -> Iterator[House]:
    """Three red cups are left."""
    with open_house(ground, chat=chat, stock={SKU: 3}) as opened:
        yield opened


def customer_heard(house: House) -> list[str]:
    return [shown(one) for one in house.said(f"oa:{CUSTOMER}")][1:]  # the first is the answer to the binding


def in_group(house: House, order: Order, *words: str) -> Message:
    """The card of an order's matter."""
    house.work()
    return house.card("group", order.tag, *words)


def restock(house: House, sku: str, pieces: int) -> None:
    with house.hub.open_desk() as desk:
        handlers.stock.count(desk, sku, pieces)
    house.look()


def test_a_vague_address_is_confirmed_by_service_and_goes_on(house: House) -> None:
    made = house.order_in("taobao", buyer="hero", kind="vague")
    house.pull("taobao")
    house.bind(made)
    order = house.order(made.id)
    assert "地址模糊" in order.lock_reason
    card = in_group(house, order, "地址模糊")
    assert "已锁定" in house.ask("xiaoli", f"审核 {order.tag}")
    assert "客服" in house.pressed("laowang", card, "已确认"), "the warehouse may not"
    assert house.cases("address_vague", "open")
    house.pressed("xiaoli", card, "已确认")
    assert "小李已确认" in shown(card, "laowang")
    assert house.order(made.id).lock_reason == ""
    assert not customer_heard(house), "it can be taken back for a minute"
    house.pause()
    house.work()
    (told,) = customer_heard(house)
    assert "地址已确认" in told
    assert "待配货" in house.ask("xiaoli", f"审核 {order.tag}")
    house.move(minutes=20)
    house.world.edit(made.id, memo="已电话确认")
    house.move(minutes=20)
    house.pull("taobao")
    assert not house.cases("address_vague", "open"), "what a person settled is not raised again"
    assert house.actions(order).count("处理完成") == 1
    assert not house.complaints()


def test_short_stock_locks_the_order_and_purchasing_frees_it(stocked: House) -> None:
    house = stocked
    first = house.arrived("taobao", sku=SKU, quantity=2)
    made = house.order_in("jd", buyer="hero", sku=SKU, quantity=2, ago_seconds=600)
    house.pull("jd")
    house.bind(made)
    order = house.order(made.id)
    assert (first.lock_reason, "缺货" in order.lock_reason) == ("", True), "who came first gets what is there"
    house.work()
    card = house.card("app:zhaojie", order.tag, "缺货")
    house.card("group", order.tag, "缺货")
    assert "已锁定" in house.ask("xiaoli", f"审核 {order.tag}")
    assert "采购" in house.ask("laowang", f"{short_code(house.cases('short_stock')[0].id)} 完成")
    restock(house, SKU, 4)
    assert house.order(made.id).lock_reason == ""
    assert "已自动解除" in shown(card, "zhaojie"), "her card says that the matter is over"
    (told,) = customer_heard(house)
    assert "已有货" in told
    assert "待配货" in house.ask("xiaoli", f"审核 {order.tag}")
    house.trail(order)
    assert not house.complaints()


def test_goods_of_a_cancelled_order_free_the_one_behind_it(stocked: House) -> None:
    house = stocked
    behind = house.order_in("taobao", sku=SKU, quantity=1, ago_seconds=600)
    first = house.arrived("taobao", sku=SKU, quantity=3)
    second = house.order(behind.id)
    assert "缺货" in second.lock_reason
    house.world.cancel(first.external_id)
    house.move(minutes=10)
    house.pull("taobao")
    house.look()
    assert house.order(first.external_id).stage == "cancelled"
    assert house.order(second.external_id).lock_reason == ""


def test_a_delayed_order_is_rescheduled_and_not_late_meanwhile(house: House) -> None:
    made = house.order_in("taobao", buyer="hero", buyer_message="出差，晚两天再发")
    house.pull("taobao")
    house.bind(made)
    order = house.order(made.id)
    card = in_group(house, order, "要求延后发货")
    wished = (house.hub.now() + timedelta(hours=8, days=2)).date()
    house.pressed("xiaoli", card, "改期", pick=f"date={wished.isoformat()}")
    assert f"{wished:%m-%d}" in shown(card, "laowang")
    house.pause()
    house.work()
    (told,) = customer_heard(house)
    assert "已改期" in told
    assert "待配货" in house.ask("xiaoli", f"审核 {order.tag}")
    assert "待发货" in house.ask("laowang", f"配货 {order.tag}")
    assert "现在不能发" in house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    for _ in range(5):
        house.move(hours=7)
        house.pull("taobao")
        house.look()
        assert not house.cases("stale_stage"), "it waits because somebody agreed to it"
    house.move(hours=7)  # 04:00 of the day agreed upon
    house.look()
    assert [case.state for case in house.cases("stale_stage")] == ["open"], "two hours of that day have passed"
    assert WAYBILL in house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    assert not house.complaints()


@each_market
def test_a_refund_before_shipping_blocks_it_until_it_is_withdrawn(house: House, platform: str) -> None:
    order = house.arrived(platform, buyer="hero")
    house.ask("xiaoli", f"审核 {order.tag}")
    house.ask("laowang", f"配货 {order.tag}")
    house.move(minutes=10)
    house.world.ask_refund(order.external_id)
    house.move(minutes=10)
    house.pull(platform)
    for who in ("laowang", "chenjie"):
        said = house.ask(who, f"发货 {order.tag} 顺丰 {WAYBILL}")
        assert "退款" in said, "not even the supervisor ships it"
    assert not house.world.shipments
    assert house.order(order.external_id).stage == "pending_ship"
    if platform != "jd":  # JD's orders say only that they are locked
        in_group(house, order, "发货前退款")
    house.world.close_refund(order.external_id, paid=False)
    house.move(minutes=10)
    house.pull(platform)
    house.work()
    assert not house.cases("refund_preship", "open", "claimed")
    if card := house.find_card("group", order.tag, "发货前退款"):
        assert "已自动解除" in house.refreshed("xiaoli", card)
    house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    assert [one.order_id for one in house.world.shipments] == [order.external_id]


@each_market
def test_a_refund_that_the_hub_has_not_heard_of_stops_the_write_back_and_a_person_hears(
    house: House, platform: str
) -> None:
    order = house.arrived(platform, buyer="hero")
    house.ask("xiaoli", f"审核 {order.tag}")
    house.ask("laowang", f"配货 {order.tag}")
    house.world.ask_refund(order.external_id)
    house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    assert not house.world.shipments, "the platform was not told of a parcel that it must not have"
    card = in_group(house, order, "回传失败")
    with house.hub.sessions() as session:
        assert [row.state for row in session.query(WriteBack)] == ["failed"]
    house.world.close_refund(order.external_id, paid=False)
    house.pressed("laowang", card, "重试")
    assert [one.waybill for one in house.world.shipments] == [WAYBILL]
    assert not house.cases("writeback_fail", "open", "claimed")
    assert "回传成功" in house.actions(order)


def test_a_parcel_that_left_elsewhere_is_said_before_somebody_sends_a_second(house: House) -> None:
    order = house.arrived("taobao", buyer="hero")
    house.world.ship(order.external_id, "圆通速递", "YT1234567890123")
    house.move(minutes=5)
    house.pull("taobao")
    after = house.order(order.external_id)
    assert (after.stage, after.waybill) == ("done", "YT1234567890123")
    card = in_group(house, order, "平台已发货", "YT1234567890123")
    assert "已完成" in house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    assert not house.world.shipments
    house.pressed("xiaoli", card, "已核对")
    assert not house.cases("shipped_on_platform", "open")
