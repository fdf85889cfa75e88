"""A company on WeCom and on DingTalk at once: both groups hear, one of two presses wins wherever they were made, and
who is on both is told once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from models import Notification, Order
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from tests.flows.chats import is_card, shown
from tests.flows.house import House, in_parallel
from tests.waiting import eventually

pytestmark = pytest.mark.parametrize("chat", ["both"])
GROUPS = ("group", "dgroup")
EVERYBODY = ("xiaoli", "laowang", "zhaojie", "chenjie")


def late(house: House, platform: str = "taobao") -> tuple[Order, Message, Message]:
    """An order that stayed too long, and its cards in both groups."""
    order = house.arrived(platform, kind="plain")
    house.move(hours=2)
    house.look()
    found = [house.card(group, order.tag, "待审核超时") for group in GROUPS]
    return order, found[0], found[1]


def own(house: House, who: str, *words: str) -> list[Message]:
    """Cards in somebody's own chats, on both platforms."""
    chats = [one for name in (f"app:{who}", f"ding:{who}") for one in house.said(name)]
    return [one for one in chats if is_card(one) and all(word in shown(one, who) for word in words)]


def test_a_press_in_dingtalk_is_seen_in_wecom_and_a_second_one_there_hears_who(house: House) -> None:
    order, in_wecom, in_dingtalk = late(house)
    house.pressed("xiaoli", in_dingtalk, "审核")
    assert house.order(order.external_id).stage == "pending_pick"
    for viewer in EVERYBODY:
        assert "小李已审核" in shown(in_dingtalk, viewer)
    outcome = house.press("chenjie", in_wecom, "审核")
    assert outcome.answered
    assert "小李已审核" in shown(in_wecom, "chenjie"), "who was faster, and the card is up to date"
    house.refreshed("laowang", in_wecom)
    assert "小李已审核" in shown(in_wecom, "laowang")
    assert house.actions(order).count("审核") == 1
    assert [len([one for one in house.said(group) if order.tag in shown(one)]) for group in GROUPS] == [1, 1]
    assert not house.complaints()


def test_a_press_in_wecom_changes_the_card_in_dingtalk_by_itself(house: House) -> None:
    order, in_wecom, in_dingtalk = late(house)
    house.pressed("xiaoli", in_wecom, "认领")
    assert "小李" in shown(in_dingtalk, "laowang")
    house.pressed("xiaoli", in_dingtalk, "审核")
    assert "小李已审核" in house.refreshed("chenjie", in_wecom)
    assert [house.actions(order).count(action) for action in ("认领", "审核")] == [1, 1]
    assert not house.complaints()


@pytest.mark.parametrize("words", ["审核", "认领"])
def test_of_two_who_press_at_once_on_two_platforms_one_wins_and_the_other_sees_who(house: House, words: str) -> None:
    names = {"xiaoli": "小李", "chenjie": "陈姐"}
    for platform in ("taobao", "jd"):
        order, in_wecom, in_dingtalk = late(house, platform)
        card_of = {"xiaoli": in_wecom, "chenjie": in_dingtalk}
        works: list[Callable[[], Outcome]] = [partial(house.press, who, card, words) for who, card in card_of.items()]
        assert all(one.answered for one in in_parallel(works))
        house.work()
        (row,) = [row for row in house.trail(order) if row.action == words]
        (loser,) = set(names) - {who for who, name in names.items() if name == row.actor}
        assert row.actor in shown(card_of[loser], loser), f"{names[loser]} sees who was faster"
        house.ask("xiaoli", f"审核 {order.tag}")  # out of the way of the next one
    assert not house.complaints()


def test_who_is_on_both_is_told_once_where_they_spoke_last(house: House) -> None:
    first, second, third = (house.arrived(platform) for platform in ("taobao", "jd", "pdd"))
    house.ask("xiaoli", "我的", chat="ding")
    house.ask("chenjie", f"指派 {first.tag} 小李")
    assert [one.sender for one in own(house, "xiaoli", first.tag)] == ["ding"]
    house.ask("xiaoli", "我的", chat="app")
    house.ask("chenjie", f"指派 {second.tag} 小李")
    assert [one.sender for one in own(house, "xiaoli", second.tag)] == ["app"]
    card = house.card("ding:xiaoli", first.tag)
    house.pressed("xiaoli", card, "审核")
    house.ask("chenjie", f"指派 {third.tag} 小李", chat="ding")
    assert [one.sender for one in own(house, "xiaoli", third.tag)] == ["ding"], "a press is a word, too"
    assert not house.complaints()


def test_what_somebody_asks_is_answered_there_and_nowhere_else(house: House) -> None:
    order = house.arrived("taobao")
    before = {name: len(house.said(name)) for name in (*GROUPS, "app:xiaoli", "ding:xiaoli")}
    for place in ("app", "ding", "group", "dgroup"):
        assert order.tag in house.ask("xiaoli", f"查 {order.tag}", chat=place), place
    assert {name: len(house.said(name)) - many for name, many in before.items()} == dict.fromkeys(before, 1)
    assert not house.complaints()


def test_a_platform_that_is_down_keeps_nobody_waiting_on_the_other_and_gets_its_card_once(house: House) -> None:
    order = house.arrived("taobao")
    house.state.faults.arm("cut_connection", "dingtalk", calls=10**6)
    house.move(hours=2)
    house.look()
    card = house.card("group", order.tag)
    assert not house.said("dgroup")
    house.state.faults.clear()
    for _ in range(4):
        house.move(minutes=3)
        house.look()
    (there,) = house.said("dgroup")
    house.pressed("xiaoli", there, "审核")
    assert "小李已审核" in house.refreshed("laowang", card)
    assert not left(house)


def test_a_line_that_is_down_leaves_the_other_one_to_press(house: House) -> None:
    order, in_wecom, in_dingtalk = late(house)
    for edge in house.edges:
        edge.switches(house.phones).hub_unreachable = 1
    assert not house.press("xiaoli", in_dingtalk, "审核").answered
    assert not house.press("xiaoli", in_wecom, "审核").answered
    eventually(house.online, "they do not come back")
    house.pressed("xiaoli", in_wecom, "审核")
    assert "小李已审核" in shown(in_dingtalk, "laowang")
    assert house.actions(order).count("审核") == 1


def test_a_claim_on_one_platform_is_reminded_of_where_its_owner_looks(house: House) -> None:
    order, _, in_dingtalk = late(house)
    house.pressed("xiaoli", in_dingtalk, "认领")
    house.move(minutes=62)
    house.look()
    reminded = [
        one for name in ("app:xiaoli", "ding:xiaoli") for one in house.said(name) if "已到约定时间" in shown(one)
    ]
    assert [one.chat for one in reminded] == ["ding:xiaoli"]
    assert order.tag in shown(reminded[0])


def left(house: House) -> list[str]:
    with house.hub.sessions() as session:
        waits = select(Notification.dedupe_key).where(Notification.state.in_(("owed", "sending", "failed", "unsure")))
        return list(session.scalars(waits))
