"""What staff send once more, or in exchange, by 补发 and 换货 in chat: the buyer of the order hears of it on the phone
as of any parcel, by the number that they know; 进度 and the order's page know of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import update

from handlers.customers import visits
from models import Order
from tests.flows import house as building
from tests.flows.house import CUSTOMER, Document, Ground, House, open_house
from tests.flows.test_chat_orders import CHAT, STOCK, draft_card, made
from tests.flows.test_customers import TEMPLATES, heard, told

SF = "SF1234567890123"
OTHER_SF = "SF1234567890456"


@pytest.fixture
def house(ground: Ground) -> Iterator[House]:
    """With a shop of chat orders, a service account and its pages of orders."""
    written = building.document_for

    def with_chat(*given: Any) -> Document:
        document = written(*given)
        return document | {"shops": [*document["shops"], CHAT]}

    ground.patch.setattr(building, "document_for", with_chat)
    account = {
        "qr_gateway": "{sandbox}/weixin", "templates": TEMPLATES, "page": True,
        "oauth_gateway": "{sandbox}/weixin", "jsapi": "{sandbox}/weixin/jweixin-1.6.0.js",
    }  # fmt: skip
    with open_house(ground, stock=STOCK, weixin=account) as opened:
        for number, sku in enumerate(STOCK):
            opened.order_in("taobao", sku=sku, ago_seconds=1800 + number)
        opened.pull("taobao")
        yield opened


def bought(house: House) -> Order:
    """An order of a buyer who is bound; it has left, and they heard so."""
    house.move(minutes=20)
    one = house.order_in("taobao", buyer="hero", sku="QH-CUP-BLU", ago_seconds=600)
    house.pull("taobao")
    house.bind(one)
    order = house.order(one.id)
    leaves(house, order, SF)
    assert SF in heard(house)[-1]
    return house.order(one.id)


def leaves(house: House, order: Order, waybill: str) -> None:
    for who, words in (("xiaoli", "审核"), ("laowang", "配货")):
        house.ask(who, f"{words} {order.tag}")
    assert "已发货" in house.ask("laowang", f"发货 {order.tag} 顺丰 {waybill}")
    settled(house)


def settled(house: House) -> None:
    """What could be taken back for a minute cannot any more, and is told."""
    house.pause()
    house.look()
    house.phones.chat.settle()


def asked(house: House) -> str:
    house.phones.customer_say(CUSTOMER, "进度")
    return next(line for line in heard(house)[-1].splitlines() if "马克杯" in line)


def page(house: House, order: Order) -> str:
    with house.hub.open_desk() as desk:
        return requests.get(visits.link(desk, order.id), timeout=10).text


def test_the_buyer_hears_of_what_is_sent_once_more_from_the_word_to_the_parcel(house: House) -> None:
    order = bought(house)
    before = len(heard(house))
    house.ask("xiaoli", f"补发 {order.tag} QH-CUP-BLU 3 运输破损")
    house.pressed("xiaoli", draft_card(house, "补发单"), "仍要补发")
    reship = made(house)[-1]
    assert "补发核对" in reship.lock_reason
    assert "补发：正在核对，核对好马上安排" in asked(house)

    house.pressed("chenjie", house.card("app:chenjie", "补发核对", reship.tag), "同意补发")
    settled(house)
    said = heard(house)[before + 1 :]
    assert len(said) == 1, said
    assert "补发已安排" in said[0]
    assert order.external_id in said[0]
    assert "补发：正在备货，预计" in asked(house)

    leaves(house, reship, OTHER_SF)
    last = heard(house)[-1]
    assert OTHER_SF in last
    assert order.external_id in last
    assert "补发：" in last
    assert "CHAT" not in "".join(heard(house))
    with house.hub.open_desk() as desk:
        assert house.chat(f"oa:{CUSTOMER}")[-1].body["url"] == visits.link(desk, order.id)
    assert told(house, reship) == [
        "处理：已由服务号模板消息发出", "处理：已送达", "发货：已由服务号模板消息发出", "发货：已送达",
    ]  # fmt: skip
    assert f"已补发：顺丰速运 {OTHER_SF}" in asked(house)
    seen = page(house, order)
    assert "补发的包裹" in seen
    assert OTHER_SF in seen
    assert SF in seen
    assert "已绑定微信，会自动通知" in house.ask("xiaoli", f"话术 {reship.tag}")


def test_the_buyer_hears_that_what_came_back_is_in_and_what_was_sent_for_it(house: House) -> None:
    order = bought(house)
    house.ask("xiaoli", f"换货 {order.tag} QH-CUP-RED 1 颜色拍错")
    house.pressed("xiaoli", draft_card(house, "换货单"), "确认")
    exchange = made(house)[-1]
    assert "换货：等退货入库后发出" in asked(house)
    assert "换货：等退货入库后发出" in page(house, order)

    house.pressed("xiaoli", house.card("app:xiaoli", "退货未入库", exchange.tag), "退货已入库")
    settled(house)
    assert "退货已收到" in heard(house)[-1]
    assert order.external_id in heard(house)[-1]

    leaves(house, exchange, OTHER_SF)
    assert "换货：" in heard(house)[-1]
    assert f"已换货：顺丰速运 {OTHER_SF}" in asked(house)


def test_who_wanted_quiet_hears_nothing_of_it(house: House) -> None:
    order = bought(house)
    house.ask("xiaoli", f"补发 {order.tag} QH-CUP-BLU 1 运输破损")
    house.pressed("xiaoli", draft_card(house, "补发单"), "确认")
    reship = made(house)[-1]
    house.phones.customer_say(CUSTOMER, "退订")
    before = len(heard(house))

    leaves(house, reship, OTHER_SF)

    assert len(heard(house)) == before


def test_its_delay_is_told_by_the_number_that_they_know(house: House) -> None:
    order = bought(house)
    house.ask("xiaoli", f"补发 {order.tag} QH-CUP-BLU 1 运输破损")
    house.pressed("xiaoli", draft_card(house, "补发单"), "确认")
    reship = made(house)[-1]
    with house.hub.sessions() as session:
        past = house.hub.now() - timedelta(minutes=1)
        session.execute(update(Order).where(Order.id == reship.id).values(ship_by_at=past))
        session.commit()
    house.look()
    house.pause(minutes=11)
    house.look()
    last = heard(house)[-1]
    assert "延期" in last
    assert order.external_id in last
