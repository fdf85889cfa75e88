"""The ERP ships and counts, parcels travel or do not, and a queue that stands still is heard of: whole days with the
ERP and the courier interface of the sandbox."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

import ingest.erp.engine
from handlers import stages
from handlers.desk import Actor
from models import Order, Parcel, Role, Staff, WriteBack
from models.stages import Verb
from sandbox.company import load_company
from sandbox.erp import SHOPS, erp_of
from sandbox.kuaidi100 import couriers_of
from tests.flows.chats import shown
from tests.flows.house import Ground, House, no_chat, open_house
from workers import supply

YT, SKU = "YT1234567890123", "QH-CUP-RED"


def sections() -> dict[str, Any]:
    company = load_company()
    jst, kuaidi = company.jushuitan, company.kuaidi100
    return {
        "erp": [
            {
                "slug": "jst", "kind": "jushuitan", "name": "聚水潭", "gateway": "{sandbox}/jst",
                "app_key": jst.app_key, "app_secret": jst.app_secret, "token": jst.access_token,
                "shops": {"tb": SHOPS["taobao"], "jd": SHOPS["jd"], "pdd": SHOPS["pdd"]},
            }
        ],
        "courier": {
            "gateway": "{sandbox}/kd100", "detect_gateway": "{sandbox}/kd100", "key": kuaidi.key,
            "customer": kuaidi.customer, "salt": "saltsaltsalt",
        },
    }  # fmt: skip


@pytest.fixture
def house(ground: Ground, chat: str) -> Iterator[House]:
    with open_house(ground, chat=chat, online=False, **sections()) as opened:
        ground.patch.setattr(supply, "hub", lambda: opened.hub)
        read = functools.partial(ingest.erp.engine.read, sleep=lambda seconds: opened.move(seconds=seconds))
        ground.patch.setattr(ingest.erp.engine, "read", read)
        yield opened


def read_erp(house: House) -> None:
    house.move(minutes=3)
    assert "problem=''" in supply.read_erp("jst")
    house.work()


def parcel(house: House) -> Parcel:
    with house.hub.sessions() as session:
        return session.scalars(select(Parcel)).one()


def write_backs(house: House) -> list[str]:
    with house.hub.sessions() as session:
        return list(session.scalars(select(WriteBack.state)))


def ship(house: House, order: Order, waybill: str = YT) -> None:
    house.ask("xiaoli", f"审核 {order.tag}")
    house.ask("laowang", f"配货 {order.tag}")
    assert waybill in house.ask("laowang", f"发货 {order.tag} 圆通 {waybill}")


def hand_on(house: House, orders: list[Order]) -> None:
    """They are reviewed and picked, and lie ready."""
    with house.hub.open_desk() as desk:
        chief = desk.session.scalars(select(Staff).where(Staff.name == "陈姐")).unique().one()
        actor = Actor("陈姐", frozenset({Role.SUPERVISOR}), chief.id)
        for order in orders:
            for verb in (Verb.APPROVE, Verb.PICK):
                stages.move(desk, f"order:{order.id}", verb, actor)


@no_chat
def test_what_the_erp_ships_is_done_here_and_told_the_platform_by_the_erp(house: House) -> None:
    order = house.arrived("taobao", sku=SKU)
    read_erp(house)
    erp_of(house.state).ship(order.external_id, "圆通速递", YT)
    read_erp(house)
    after = house.order(order.external_id)
    assert (after.stage, after.waybill, after.courier) == ("done", YT, "yuantong")
    house.move(minutes=10)
    house.pull("taobao")
    house.move(hours=2)
    read_erp(house)
    assert house.order(order.external_id).effect == "shipped"
    assert write_backs(house) == []
    assert not house.cases("shipped_on_platform"), "the ERP was expected to ship it"
    assert "ERP 发货" in house.actions(order)
    assert "聚水潭 已发货" in house.ask("xiaoli", f"查 {order.tag}")


@no_chat
def test_what_the_erp_keeps_to_itself_the_hub_tells_the_platform(house: House) -> None:
    order = house.arrived("taobao", sku=SKU)
    erp_of(house.state).ship(order.external_id, "圆通速递", YT, tells=False)
    read_erp(house)
    assert house.order(order.external_id).stage == "done"
    assert not house.world.shipments
    house.move(minutes=61)
    read_erp(house)
    assert [(one.order_id, one.waybill) for one in house.world.shipments] == [(order.external_id, YT)]
    assert write_backs(house) == ["confirmed"]


def test_the_erps_stock_decides_who_is_short_and_nothing_is_counted_twice(house: House) -> None:
    erp = erp_of(house.state)
    erp.count(SKU, 5, others=2)
    read_erp(house)
    first = house.arrived("taobao", sku=SKU, quantity=2)
    house.order_in("jd", sku=SKU, quantity=2, ago_seconds=600)
    house.pull("jd")
    read_erp(house)  # now it holds four pieces for the two orders that wait here, and two for others
    (short,) = house.cases("short_stock", "open")
    assert "要 2，可用 1" in short.reason
    assert short.order_id != first.id
    said = house.ask("zhaojie", f"库存 {SKU}")
    assert "在库 5 件，待发 4 件（2 单），其他占用 2 件，缺 1 件" in said
    erp.count(SKU, 6)
    read_erp(house)
    house.look()
    assert not house.cases("short_stock", "open")


def test_a_parcel_that_nobody_collects_is_a_matter_after_a_day_and_the_first_scan_ends_it(house: House) -> None:
    order = house.arrived("taobao", sku=SKU)
    ship(house, order)
    supply.track_parcels()
    couriers = couriers_of(house.state)
    assert couriers.subscriptions[YT].callback == f"{house.url}/push/kuaidi100"
    for _ in range(25):
        house.move(hours=1)
        supply.track_parcels()
        house.look()
    (case,) = house.cases("no_pickup", "open")
    assert (case.order_id, case.role) == (order.id, "warehouse")
    told = [shown(one) for one in house.said("app:laowang") if "还没有揽收" in shown(one)]
    assert len([one for one in told if "揽收超时 ·" in one]) == 1, "the matter"
    assert len([one for one in told if "发出 20 小时" in one]) == 1, "and what was noticed by night, once, by day"
    assert not [one for one in told if "发出 12 小时" in one]
    assert not couriers.complaints, "no number is asked about oftener than it may be"

    couriers.scan(YT, "【杭州】派件员 13800001234 已揽收", "1")
    house.look()

    assert couriers.pushes[-1].status == 200
    assert not house.cases("no_pickup", "open")
    assert "138****1234 已揽收" in house.ask("xiaoli", f"查 {order.tag}")
    assert "138****1234 已揽收" in house.ask("xiaoli", f"轨迹 {order.tag}")
    couriers.scan(YT, "已签收", "3")
    assert parcel(house).closed


@no_chat
def test_a_push_that_nobody_signed_is_refused_and_changes_nothing(house: House) -> None:
    ship(house, house.arrived("taobao", sku=SKU))
    supply.track_parcels()
    couriers = couriers_of(house.state)
    couriers.subscriptions[YT].salt = "somebody-elses"
    couriers.scan(YT, "已揽收", "1")
    assert couriers.pushes[-1].status == 403
    assert parcel(house).heard_at is None


@no_chat
def test_the_interface_is_down_for_a_while_and_nothing_is_lost(house: House) -> None:
    ship(house, house.arrived("taobao", sku=SKU))
    house.state.faults.arm("http_500", "kuaidi100", calls=3)
    for _ in range(8):
        supply.track_parcels()
        house.move(minutes=20)
    assert YT in couriers_of(house.state).subscriptions
    assert parcel(house).subscribe_at is None


@no_chat
def test_fifty_stuck_in_front_of_the_courier_raise_one_alarm_within_a_quarter_of_an_hour(house: House) -> None:
    for _ in range(50):
        house.order_in("taobao", sku=SKU)
    house.pull("taobao")
    with house.hub.sessions() as session:
        orders = list(session.scalars(select(Order)))
    hand_on(house, orders)
    alarmed_after = None
    for minute in range(1, 16):
        house.move(minutes=1)
        house.look()
        if house.cases("ship_jam", "open"):
            alarmed_after = alarmed_after or minute
    assert alarmed_after is not None
    (alarm,) = house.cases("ship_jam")
    assert alarm.reason.startswith("待发货积压 50 单")
    for number, order in enumerate(orders[:3]):
        house.ask("laowang", f"发货 {order.tag} 圆通 YT{number:013d}")
    house.look()
    assert [case.state for case in house.cases("ship_jam")] == ["solved"]
