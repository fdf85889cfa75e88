"""An order stays too long: its people are called, somebody presses, and everybody sees it."""

from __future__ import annotations

from models import Order
from models.case import short_code
from sandbox.chat_store import Message
from tests.flows.chats import shown
from tests.flows.house import CUSTOMER, House, each_market

WAYBILL = "SF1234567890123"


def whole_day(house: House, platform: str) -> tuple[Order, Message, Message]:
    """An order of `platform` whose buyer is bound and whose owner is 小李, two hours later: its cards."""
    made = house.order_in(platform, buyer="hero", kind="plain")
    house.pull(platform)
    assert made.id in house.bind(made)
    order = house.order(made.id)
    assert "小李" in house.ask("chenjie", f"指派 {order.tag} 小李")
    house.move(hours=2)
    house.look()
    return order, house.card("group", order.tag, "待审核超时"), house.card("app:xiaoli", order.tag, "待审核超时")


@each_market
def test_a_late_order_is_pressed_by_its_owner_and_everybody_sees_it(house: House, platform: str) -> None:
    order, in_group, in_app = whole_day(house, platform)
    assert house.order(order.external_id).stage == "pending_review"
    house.pressed("xiaoli", in_group, "审核")
    assert house.order(order.external_id).stage == "pending_pick"
    for viewer in ("xiaoli", "laowang", "zhaojie", "chenjie"):
        assert "小李已审核" in shown(in_group, viewer), f"{viewer} sees it in the group"
    assert "小李已审核" in shown(in_app, "xiaoli"), "the copy in the owner's own chat says it too"
    assert not [case for case in house.cases("stale_stage") if case.state != "solved"]
    assert not house.complaints()


@each_market
def test_what_is_shipped_is_told_to_the_marketplace_and_to_the_customer(house: House, platform: str) -> None:
    order, in_group, _ = whole_day(house, platform)
    house.pressed("xiaoli", in_group, "审核")
    assert "待发货" in house.ask("laowang", f"配货 {order.tag}")
    assert WAYBILL in house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    assert [(one.platform, one.order_id, one.waybill) for one in house.world.shipments] == [
        (platform, order.external_id, WAYBILL)
    ]
    heard = [WAYBILL in shown(one) for one in house.said(f"oa:{CUSTOMER}")]
    assert heard == [False, True], "answered when bound, told once when it left"
    house.move(minutes=20)
    house.pull(platform)
    after = house.order(order.external_id)
    assert (after.stage, after.effect, after.waybill) == ("done", "shipped", WAYBILL)
    done = house.actions(order)
    for action in ("收单", "指派", "异常", "审核", "配货", "发货", "回传成功", "平台更新"):
        assert action in done
    told = house.ask("chenjie", f"轨迹 {order.tag}")
    assert f"轨迹（{len(done)} 条）" in told
    assert "回传成功" in told
    assert not house.complaints()


def test_when_nobody_presses_the_supervisor_is_called_and_then_there_is_silence(house: House) -> None:
    order = house.arrived("taobao", buyer="hero")
    house.move(hours=2)
    house.look()
    house.card("group", order.tag, "待审核超时")
    house.move(minutes=58)
    house.look()
    assert house.find_card("app:chenjie", order.tag) is None, "not before the configured hour"
    house.move(minutes=2)
    house.look()
    card = house.card("app:chenjie", order.tag, "待审核超时")
    house.pressed("chenjie", card, "审核")
    assert "陈姐已审核" in shown(card, "chenjie")
    assert "待发货" in house.ask("laowang", f"配货 {order.tag}")
    house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    before = {name: len(house.said(name)) for name in ("group", "app:xiaoli", "app:laowang", "app:chenjie")}
    for _ in range(8):
        house.move(hours=3)
        house.pull()
        house.look()
    assert {name: len(house.said(name)) for name in before} == before, "nobody is told anything more"
    assert not house.complaints()


def test_a_claim_keeps_the_supervisor_from_being_called_until_it_runs_out(house: House) -> None:
    order = house.arrived("taobao", buyer="hero")
    house.move(hours=2)
    house.look()
    card = house.card("group", order.tag, "待审核超时")
    assert "小李" in house.pressed("xiaoli", card, "认领")
    house.move(minutes=59)
    house.look()
    assert house.find_card("app:chenjie", order.tag) is None
    assert "已到约定时间" not in "".join(shown(one) for one in house.said("app:xiaoli"))
    house.move(minutes=2)
    house.look()
    assert "已到约定时间" in shown(house.said("app:xiaoli")[-1]), "the claimant is reminded first"
    assert house.find_card("app:chenjie", order.tag) is None
    house.move(minutes=16)
    house.look()
    house.card("app:chenjie", order.tag, "待审核超时")
    assert house.find_card("app:chenjie", order.tag, "归陈姐") is None, "it lies in the pool first"
    house.move(minutes=31)
    house.look()
    house.card("app:chenjie", order.tag, "没有人认领，归陈姐")


def test_many_late_at_once_are_one_card_for_the_group(house: House) -> None:
    for number in range(8):
        house.order_in(("taobao", "jd", "pdd")[number % 3])
    house.pull()
    house.move(hours=2)
    before = len(house.said("group"))
    house.look()
    (card,) = house.said("group")[before:]
    assert "8 单" in shown(card)
    assert [case.state for case in house.cases("stale_group")] == ["open"]
    assert not house.cases("stale_stage", "open")
    assert "JD-20251222-001" in house.pressed("xiaoli", card, "查看清单")
    listed = house.ask("xiaoli", f"{short_code(house.cases('stale_group')[0].id)} 清单")
    assert all(house.order(number).tag in listed for number in house.orders()), "1:1 there is room for all"
    for order in list(house.orders()):
        house.ask("xiaoli", f"审核 {order}")
    house.look()
    assert [case.state for case in house.cases("stale_group")] == ["solved"]
    house.refreshed("xiaoli", card)
    assert "已自动解除" in shown(card, "laowang")
    assert not house.complaints()
