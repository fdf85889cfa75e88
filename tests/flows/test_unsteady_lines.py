"""The line between a chat platform and the hub is bad: callbacks are lost, doubled, late, out of order; the platform is
slow, answers with errors, forgets its tokens, ends connections. Nothing is done twice, nothing is lost that can come
again, and people see how it stands. The same on both platforms."""

from __future__ import annotations

from functools import partial

import pytest
import requests
from sqlalchemy import select

from models import Notification, Order
from sandbox.chat_store import Message
from tests.flows.chats import DINGTALK, is_card, shown
from tests.flows.house import Ground, House, open_house
from tests.waiting import eventually


def own_card(house: House, order: Order) -> Message:
    """小李's card of an order, 1:1."""
    house.ask("chenjie", f"指派 {order.tag} 小李")
    return house.card("app:xiaoli", order.tag)


def in_group(house: House, order: Order) -> Message:
    house.move(hours=2)
    house.look()
    return house.card("group", order.tag, "待审核超时")


def lever(house: House, **pulled: object) -> None:
    """As whoever tries the demo pulls them."""
    body = {"platform": house.edge.name, **pulled}
    answer = requests.post(f"{house.sandbox}/control/chat", json=body, timeout=10)
    assert answer.ok, answer.text


def owed(house: House) -> list[str]:
    with house.hub.sessions() as session:
        left = select(Notification.dedupe_key).where(Notification.state.in_(("owed", "sending", "failed", "unsure")))
        return list(session.scalars(left))


# callbacks


def test_what_did_not_arrive_can_be_pressed_and_said_again(house: House) -> None:
    order = house.arrived("taobao")
    card = in_group(house, order)
    lever(house, drop_callbacks=2)
    assert not house.press("xiaoli", card, "审核").answered
    assert not house.say("xiaoli", f"备注 {order.tag} 易碎").answered
    house.work()
    assert house.order(order.external_id).stage == "pending_review"
    house.pressed("xiaoli", card, "审核")
    house.ask("xiaoli", f"备注 {order.tag} 易碎")
    assert [house.actions(order).count(action) for action in ("审核", "备注")] == [1, 1]
    assert "小李已审核" in shown(card, "laowang")
    assert not house.complaints()


@pytest.mark.parametrize("online", [True, False])
def test_what_comes_twice_is_done_once(ground: Ground, chat: str, *, online: bool) -> None:
    """By long connections, and where the hub is called."""
    with open_house(ground, chat=chat, online=online) as house:
        order = house.arrived("taobao")
        card = own_card(house, order)
        cards = sum(is_card(one) for one in house.said("app:xiaoli"))
        for line in (f"备注 {order.tag} 易碎", f"查 {order.tag}"):
            lever(house, duplicate_callbacks=1)
            house.ask("xiaoli", line)
        assert sum(is_card(one) for one in house.said("app:xiaoli")) == cards + 2
        lever(house, duplicate_callbacks=1)
        house.pressed("xiaoli", card, "审核")
        assert [house.actions(order).count(action) for action in ("审核", "备注")] == [1, 1]
        assert house.order(order.external_id).stage == "pending_pick"
        assert "小李" in shown(card, "xiaoli")
        assert not house.complaints()


def test_what_was_said_later_may_come_first(house: House) -> None:
    order = house.arrived("taobao")
    lever(house, reorder_callbacks=1)
    assert house.say("xiaoli", f"审核 {order.tag}").kind == "held"
    house.hear("laowang", f"配货 {order.tag}")
    eventually(lambda: house.order(order.external_id).stage == "pending_pick", "the first one never came")
    house.work()
    assert "配货" not in house.actions(order), "it was not its time yet, and it is not done by itself later"
    assert "待发货" in house.ask("laowang", f"配货 {order.tag}")
    assert [house.actions(order).count(action) for action in ("审核", "配货")] == [1, 1]


def test_a_press_that_comes_after_a_later_one_changes_nothing(house: House) -> None:
    order = house.arrived("taobao")
    card = in_group(house, order)
    lever(house, reorder_callbacks=1)
    assert house.press("chenjie", card, "审核").kind == "held"
    house.pressed("xiaoli", card, "审核")
    eventually(lambda: "小李" in shown(card, "chenjie"), "陈姐 never hears who was faster")
    house.work()
    (row,) = [row for row in house.trail(order) if row.action == "审核"]
    assert row.actor == "小李"
    assert house.order(order.external_id).stage == "pending_pick", "not two stages further"
    assert not house.complaints()


def test_slow_ways_in_both_directions_cost_only_time(house: House) -> None:
    order = house.arrived("taobao")
    card = in_group(house, order)
    lever(house, delay_callbacks=0.3, slow_answers=0.3)
    house.pressed("xiaoli", card, "审核")
    house.ask("laowang", f"配货 {order.tag}")
    lever(house, delay_callbacks=0, slow_answers=0)
    house.refreshed("laowang", card)
    assert "小李已审核" in shown(card, "laowang")
    assert [house.actions(order).count(action) for action in ("审核", "配货")] == [1, 1]
    assert not owed(house)
    assert not house.complaints()


# what the hub asks of the platform


def test_a_platform_that_answers_with_errors_gets_everything_later_and_once(office: House) -> None:
    order = office.arrived("taobao")
    lever(office, fail_calls=4)
    office.ask("chenjie", f"指派 {order.tag} 小李")
    for _ in range(5):
        office.move(minutes=3)
        office.work()
    cards = [one for one in office.said("app:xiaoli") if is_card(one)]
    assert len(cards) == 1
    assert "待配货" in office.pressed("xiaoli", cards[0], "审核"), "and its buttons work"
    assert not owed(office)
    assert not office.complaints()


def test_a_token_that_ended_before_its_time_is_fetched_anew(office: House) -> None:
    order = office.arrived("taobao")
    card = own_card(office, order)
    lever(office, expire_token=1)
    office.pressed("xiaoli", card, "审核")
    assert "小李" in shown(card, "xiaoli")
    lever(office, expire_token=1)
    office.ask("chenjie", f"指派 {order.tag} 老王")
    office.card("app:laowang", order.tag)
    assert not owed(office)
    assert not office.complaints()


def test_a_code_that_ended_before_its_time_costs_the_card_nothing_but_a_press(house: House) -> None:
    """WeCom changes a card by a code that lives for some time, DingTalk by the card's own number; DingTalk answers to
    an address that lives for some time, WeCom in the reply itself."""
    order = house.arrived("taobao")
    card = own_card(house, order)
    lever(house, expire_codes=1)
    assert "待配货" in house.ask("chenjie", f"审核 {order.tag}")
    now = shown(card, "xiaoli") if house.edge is DINGTALK else house.pressed("xiaoli", card, "审核")
    assert "待配货" in now
    assert house.actions(order).count("审核") == 1
    assert not owed(house)


def another_line(house: House, before: list[object]) -> bool:
    return house.online() and house.edge.line(house.phones) not in ([], before)


def test_a_line_that_ends_before_every_press_is_made_again_each_time(house: House) -> None:
    for platform in ("taobao", "jd"):
        order = house.arrived(platform)
        card = in_group(house, order)
        line = house.edge.line(house.phones)
        lever(house, disconnect=1)
        eventually(partial(another_line, house, line), "it does not come back")
        house.pressed("xiaoli", card, "审核")
        assert house.actions(order).count("审核") == 1
        assert "小李已审核" in shown(card, "laowang")
    assert not house.complaints()
