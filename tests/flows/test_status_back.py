"""What people do here reaches the marketplaces: notes as memos, and never a second number over somebody else's."""

from __future__ import annotations

import pytest

from models import Order
from sandbox.faults import Faults
from sandbox.world_order import Order as PlatformOrder
from tests.flows.chats import shown
from tests.flows.house import SHOPS, House, each_market, no_chat

WAYBILL = "SF1234567890123"
THEIRS = "YT1234567890123"
MEMO = {
    "taobao": "taobao.trade.memo.update",
    "jd": "jingdong.pop.order.modifyVenderRemark",
    "pdd": "pdd.order.note.update",
}


def there(house: House, order: Order) -> PlatformOrder:
    found = house.world.find(order.external_id)
    assert found is not None
    return found


def to_ship(house: House, platform: str) -> Order:
    order = house.arrived(platform, buyer="hero")
    house.ask("xiaoli", f"审核 {order.tag}")
    house.ask("laowang", f"配货 {order.tag}")
    return order


def calls(house: House, method: str) -> int:
    return sum(call.method == method for call in house.world.calls)


@no_chat
@pytest.mark.parametrize("platform", SHOPS.values())
def test_a_note_stands_in_the_platforms_memo_beside_what_others_wrote(office: House, platform: str) -> None:
    order = office.arrived(platform, buyer="hero", memo="老客户", flag=1)

    office.ask("xiaoli", f"备注 {order.tag} 加固包装")
    assert (there(office, order).memo, there(office, order).flag) == ("老客户；加固包装", 1)

    office.ask("xiaoli", f"备注 {order.tag} 绿旗 改发顺丰")
    assert (there(office, order).memo, there(office, order).flag) == ("老客户；加固包装；改发顺丰", 3)

    office.ask("xiaoli", f"备注 {order.tag} 加固包装")
    assert there(office, order).memo == "老客户；加固包装；改发顺丰", "what stands there is not written again"
    assert calls(office, MEMO[platform]) == 2
    assert office.actions(order).count("平台备注") == 3
    assert office.order(order.external_id).stage == "pending_review"


@no_chat
@pytest.mark.parametrize("platform", SHOPS.values())
def test_a_note_whose_answer_was_lost_is_not_written_twice(office: House, platform: str) -> None:
    order = office.arrived(platform, buyer="hero")
    office.state.faults.arm("lose_reply", platform, MEMO[platform])
    office.ask("xiaoli", f"备注 {order.tag} 加固包装")
    assert (there(office, order).memo, calls(office, MEMO[platform])) == ("加固包装", 1)
    assert office.actions(order).count("平台备注") == 1


def test_a_note_that_could_not_be_told_is_told_later_and_its_writer_hears(office: House) -> None:
    order = office.arrived("taobao", buyer="hero")
    office.state.faults.arm("http_500", "taobao", MEMO["taobao"], calls=100)
    office.ask("xiaoli", f"备注 {order.tag} 加固包装")
    assert there(office, order).memo == ""
    office.move(minutes=3)
    office.look()
    assert any("没有写到平台" in shown(one) for one in office.said("app:xiaoli"))
    office.state.faults = Faults()
    office.move(minutes=30)
    office.look()
    assert there(office, order).memo == "加固包装"


@each_market
def test_another_number_that_stands_there_is_shown_with_ours_and_not_overwritten(house: House, platform: str) -> None:
    order = to_ship(house, platform)
    house.world.ship(order.external_id, "圆通速递", THEIRS)  # a colleague, in the seller's own pages

    house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")

    assert there(house, order).waybill == THEIRS
    assert not house.world.shipments
    card = house.card("group", order.tag, "平台已发货", WAYBILL)
    assert THEIRS in shown(card)
    assert not house.cases("writeback_fail")

    house.move(minutes=15)
    house.pull(platform)
    house.look()
    assert house.order(order.external_id).waybill == THEIRS
    assert [case.state for case in house.cases("shipped_on_platform")] == ["open"], "one matter, not two"
    house.pressed("xiaoli", card, "已核对")
    house.move(minutes=15)
    house.pull(platform)
    house.look()
    assert not house.cases("shipped_on_platform", "open", "claimed")
    assert not house.world.shipments


@no_chat
def test_a_number_that_a_colleague_uploaded_by_hand_settles_what_failed(office: House) -> None:
    order = to_ship(office, "taobao")
    office.state.faults.arm("http_500", "taobao", "taobao.logistics.offline.send", calls=100)
    office.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    for _ in range(3):
        office.move(minutes=11)
        office.look()
    assert [case.state for case in office.cases("writeback_fail")] == ["open"]

    office.world.ship(order.external_id, "顺丰速运", WAYBILL)
    office.move(minutes=15)
    office.pull("taobao")
    office.look()

    assert not office.cases("writeback_fail", "open", "claimed")
    assert not office.cases("shipped_on_platform")
    assert office.actions(order).count("回传成功") == 1


def test_a_courier_that_the_platform_does_not_take_is_refused_when_it_is_typed(office: House) -> None:
    order = to_ship(office, "jd")
    said = office.ask("laowang", f"发货 {order.tag} 百世 ABC12345")
    assert "不接受百世快递" in said
    assert "顺丰" in said
    assert office.order(order.external_id).stage == "pending_ship"
    office.ask("laowang", f"发货 {order.tag} 圆通 {THEIRS}")
    assert [one.waybill for one in office.world.shipments] == [THEIRS]


@no_chat
@pytest.mark.parametrize("platform", SHOPS.values())
def test_a_courier_that_only_the_platforms_own_list_knows_is_told_by_its_code(office: House, platform: str) -> None:
    order = to_ship(office, platform)
    office.ask("laowang", f"发货 {order.tag} 极兔 JT1234567890123")
    assert [one.waybill for one in office.world.shipments] == ["JT1234567890123"]
    assert office.actions(order).count("回传成功") == 1
