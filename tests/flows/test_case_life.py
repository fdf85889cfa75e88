"""What becomes of a case in chat, on both platforms: it waits, it is passed by two people, it is a race with the
courier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.case import short_code
from tests.flows.chats import shown
from tests.flows.house import Ground, House, open_house


@pytest.fixture
def bare(ground: Ground, chat: str) -> Iterator[House]:
    """No red cup is left."""
    with open_house(ground, chat=chat, stock={"QH-CUP-RED": 0}) as opened:
        yield opened


def test_a_case_waits_on_the_customer_and_its_owner_is_reminded(house: House) -> None:
    house.order_in("taobao", kind="vague")
    house.pull("taobao")
    (case,) = house.cases("address_vague", "open")
    said = house.ask("xiaoli", f"{short_code(case.id)} 等客户 2h")
    assert "等客户，到" in said
    house.move(minutes=119)
    house.look()
    assert "等客户的时间到了" not in "".join(shown(one) for one in house.said("app:xiaoli"))
    house.move(minutes=2)
    house.look()
    assert "等客户的时间到了" in shown(house.said("app:xiaoli")[-1])
    assert not house.complaints()


def test_a_refund_on_a_packed_parcel_calls_the_lead_then_the_supervisor_and_lets_go_by_itself(house: House) -> None:
    house.ask("chenjie", "组长 仓库 老王")
    order = house.arrived("taobao", buyer="hero")
    house.ask("xiaoli", f"审核 {order.tag}")
    house.ask("laowang", f"配货 {order.tag}")
    house.move(minutes=10)
    house.world.ask_refund(order.external_id)
    house.move(minutes=10)
    house.pull("taobao")
    house.work()

    card = house.card("app:laowang", order.tag, "马上拦住")
    assert house.find_card("group", order.tag, "马上拦住") is None, "the lead alone"
    house.move(minutes=3)
    house.look()
    house.card("app:chenjie", order.tag, "马上拦住")
    house.pressed("laowang", card, "拦住")
    (case,) = house.cases("intercept", "solved")
    assert case.solution == "拦住了"
    assert "发货前退款" in house.order(order.external_id).lock_reason

    house.world.close_refund(order.external_id, paid=False)
    house.move(minutes=10)
    house.pull("taobao")
    assert house.order(order.external_id).lock_reason == ""
    assert "处理完成" in house.actions(order)


def test_a_forced_pass_needs_a_second_person_who_agrees_on_the_own_card(bare: House) -> None:
    order = bare.arrived("taobao", buyer="hero")
    (case,) = bare.cases("short_stock", "open")
    assert "缺货" in order.lock_reason
    said = bare.ask("zhaojie", f"{short_code(case.id)} 强制 样品间还有一个")
    assert "已请陈姐同意" in said
    bare.work()
    card = bare.card("app:chenjie", order.tag, "赵姐申请强制通过")

    bare.pressed("chenjie", card, "同意放行")

    (case,) = bare.cases("short_stock", "solved")
    assert case.solution == "强制通过：样品间还有一个（赵姐申请，陈姐同意）"
    assert bare.order(order.external_id).lock_reason == ""
    bare.work()
    assert "陈姐同意强制通过" in "".join(shown(one) for one in bare.said("app:zhaojie"))
    assert {"申请强制通过", "同意强制通过"} <= set(bare.actions(order))
    assert not bare.complaints()
