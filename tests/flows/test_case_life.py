"""What becomes of a case in chat, on both platforms: it waits, it is passed by two people, it is a race with the
courier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from handlers import people
from models import Case
from models.case import short_code
from sandbox.chat_store import Message
from tests.flows.chats import controls, shown
from tests.flows.house import MORNING, Ground, House, open_house


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


def vague(house: House) -> tuple[Case, Message]:
    """An order with a vague address; its card in the group."""
    house.order_in("taobao", kind="vague")
    house.pull("taobao")
    house.work()
    (case,) = house.cases("address_vague", "open")
    return case, house.card("group", "地址模糊 ·")


def said_to(house: House, who: str) -> str:
    return "".join(shown(one) for one in house.said(f"app:{who}"))


def test_a_thumb_promises_half_an_hour_is_reminded_and_then_it_is_anybodys_again(house: House) -> None:
    case, card = vague(house)

    now = house.pressed("xiaoli", card, "认领", pick="minutes=30")
    assert house.find_card("app:xiaoli", "地址模糊 ·") is None

    assert "小李，10:30 前" in now
    assert "小李，10:30 前" in house.refreshed("laowang", card), "everybody sees who, and until when"
    house.move(minutes=29)
    house.look()
    assert "已到约定时间" not in said_to(house, "xiaoli")
    house.move(minutes=2)
    house.look()
    assert f"（{short_code(case.id)}）已到约定时间" in said_to(house, "xiaoli")
    house.move(minutes=16)
    house.look()
    (back,) = house.cases("address_vague", "open")
    assert (back.owner_id, back.claimed_until, back.step) == (None, None, case.step + 1)
    assert "客服（待认领）" in house.refreshed("xiaoli", card)
    house.card("app:xiaoli", "地址模糊 ·")  # one step up: everybody of the role, one by one
    assert not house.complaints()


def test_without_a_pick_a_claim_promises_what_its_kind_takes(house: House) -> None:
    _, card = vague(house)

    assert "小李，12:00 前" in house.pressed("xiaoli", card, "认领")
    assert not house.complaints()


def test_a_thumb_says_until_when_it_waits_and_to_whom_it_goes(house: House) -> None:
    case, card = vague(house)
    house.pressed("xiaoli", card, "认领", pick="minutes=60")

    assert "小李：等客户，到 12-22 18:00" in house.pressed("xiaoli", card, "等客户", pick="until=18:00")
    (waiting,) = house.cases("address_vague", "claimed")
    assert waiting.wake_at == MORNING.replace(hour=10)
    house.move(hours=8, minutes=1)
    house.look()
    assert "等客户的时间到了" in shown(house.said("app:xiaoli")[-1])

    with house.hub.open_desk() as desk:
        chenjie = next(one.id for one in people.staff(desk) if one.name == "陈姐")
    assert "陈姐" in house.pressed("xiaoli", card, "转交", pick=f"person={chenjie}")
    (given,) = house.cases("address_vague", "open")
    assert (given.id, given.owner_id) == (case.id, chenjie)
    assert not house.complaints()


def test_an_alert_is_judged_by_a_press_while_it_lives_and_when_it_is_over(house: House) -> None:
    case, card = vague(house)

    assert "这条提醒有用" in house.pressed("laowang", card, "有用")
    house.pressed("xiaoli", card, "已确认")
    over = house.refreshed("laowang", card)
    assert "小李已确认" in over
    assert "客户没有绑定，收不到通知：发「话术" in over
    assert list(controls(card, "laowang"))[-3:] == ["有用", "误报", "轨迹"]
    assert "这条提醒是误报" in house.pressed("chenjie", card, "误报")

    with house.hub.sessions() as session:
        words = session.execute(text("SELECT useful FROM alert_words WHERE case_id = :id ORDER BY at"), {"id": case.id})
        assert [row.useful for row in words] == [True, False]
    assert not house.complaints()


def test_the_card_of_what_is_over_shows_the_trail_with_what_the_customer_got(house: House) -> None:
    made = house.order_in("taobao", buyer="hero", kind="vague")
    house.pull("taobao")
    house.bind(made)
    house.work()
    card = house.card("group", "地址模糊 ·")
    over = house.pressed("xiaoli", card, "已确认")
    assert "正在通知客户" in over
    house.pause()  # until it cannot be taken back any more
    house.work()

    house.pressed("xiaoli", card, "轨迹")

    told = said_to(house, "xiaoli")
    assert "处理完成" in told
    assert "已由服务号模板消息发出" in told, "the answer is longer than a group's card: it is for the asker alone"
    assert not house.complaints()


def test_a_false_alarm_is_ended_by_one_press_of_the_menu(house: House) -> None:
    _, card = vague(house)

    assert "小李已忽略：误报" in house.pressed("xiaoli", card, "忽略：误报")
    assert house.cases("address_vague", "dismissed")
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
